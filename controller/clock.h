#pragma once

#include "policies/time.h"

namespace autoscaler {

class Clock {
 public:
  virtual ~Clock() = default;
  // Read once a tick by the loop; and by the threads of sources, to date what they receive.
  virtual Instant now() = 0;
  // Monotonic time since some start: how long the stages of a tick take. Of any thread.
  virtual std::chrono::nanoseconds elapsed() = 0;
};

}  // namespace autoscaler
