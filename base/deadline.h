#pragma once

#include <chrono>

namespace autoscaler {

// The end of a wait, on the monotonic clock. For waiting alone: nothing is decided by it.
class Deadline {
 public:
  explicit Deadline(std::chrono::milliseconds from_now)
      : end_(std::chrono::steady_clock::now() + from_now) {}

  std::chrono::steady_clock::time_point end() const { return end_; }
  // Whole milliseconds; below 0 once it is over.
  std::chrono::milliseconds left() const {
    return std::chrono::floor<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
  }

 private:
  std::chrono::steady_clock::time_point end_;
};

}  // namespace autoscaler
