#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace autoscaler {

// Waits for a real process or socket: true as soon as the condition holds, false if it does not
// within the patience, which is generous, for machines are slow under sanitizers.
inline bool eventually(const std::function<bool()>& condition,
                       std::chrono::seconds patience = std::chrono::seconds(60)) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace autoscaler
