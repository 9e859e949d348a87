#pragma once

#include "controller/clock.h"

namespace autoscaler {

// Time that moves when it is told to.
class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(Instant start) : now_(start) {}
  Instant now() override { return now_; }
  std::chrono::nanoseconds elapsed() override { return now_.time_since_epoch(); }
  void advance(Duration by) { now_ += by; }

 private:
  Instant now_;
};

}  // namespace autoscaler
