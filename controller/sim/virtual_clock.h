#pragma once

#include "controller/clock.h"

#include <atomic>

namespace autoscaler {

// Time that moves when it is told to.
class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(Instant start) : now_(start) {}
  Instant now() override { return now_; }
  std::chrono::nanoseconds elapsed() override { return now().time_since_epoch(); }
  void advance(Duration by) { now_ = now_.load() + by; }

 private:
  std::atomic<Instant> now_;  // the threads of sources read it too
};

}  // namespace autoscaler
