#pragma once

#include "controller/clock.h"

#include <chrono>

namespace autoscaler {

// now = wall time at start + time since boot since then, so that a wall clock that jumps never
// stretches or shrinks a duration.
class SystemClock final : public Clock {
 public:
  SystemClock();
  Instant now() override;
  std::chrono::nanoseconds elapsed() override;

 private:
  const Instant wall_at_start_;
  const std::chrono::nanoseconds started_;
};

}  // namespace autoscaler
