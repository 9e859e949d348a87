#include "base/fan_out.h"

#include "base/deaf_thread.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

namespace autoscaler {

void fan_out(size_t count, const std::function<void(size_t)>& run) {
  const size_t at_once = std::min(count, kMostAtOnce);
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < count; i = next++) run(i);
  };
  std::vector<std::thread> others;
  others.reserve(at_once);
  while (others.size() + 1 < at_once) {
    std::thread other = start_deaf_thread(work);
    if (!other.joinable()) break;
    others.push_back(std::move(other));
  }
  work();
  for (std::thread& other : others) other.join();
}

}  // namespace autoscaler
