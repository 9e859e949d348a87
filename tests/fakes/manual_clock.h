#pragma once

#include "controller/clock.h"

namespace autoscaler {

// Time moves when the test says so.
class ManualClock final : public Clock {
 public:
  Instant now() override { return now_; }
  std::chrono::nanoseconds elapsed() override { return now_.time_since_epoch(); }
  void advance(Duration by) { now_ += by; }

 private:
  Instant now_{std::chrono::hours(24 * 365 * 50)};
};

}  // namespace autoscaler
