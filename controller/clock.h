#pragma once

#include "policies/time.h"

namespace autoscaler {

class Clock {
 public:
  virtual ~Clock() = default;
  // Read once a tick, by the loop alone.
  virtual Instant now() = 0;
  // Monotonic time since some start: how long the stages of a tick take.
  virtual std::chrono::nanoseconds elapsed() = 0;
};

}  // namespace autoscaler
