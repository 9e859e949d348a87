#pragma once

#include "controller/backtest/fixed_world.h"

#include <algorithm>

namespace autoscaler {

// The service as a fluid: what cannot be served in a tick waits, and what would wait too long goes
// away.
class FluidQueue {
 public:
  struct Tick {
    double utilisation = 0;  // of all instances together, 0 to 1
    bool violated = false;   // p95 past the SLO
    double gone = 0;         // requests that would have waited too long
  };

  Tick serve(double requests_per_second, double instances) {
    using namespace fixed_world;
    const double capacity = instances * kInstanceRate;  // per second
    const double offered = requests_per_second + backlog_ / kTickSeconds;
    Tick tick;
    if (offered >= capacity) {
      const double left = (offered - capacity) * kTickSeconds;
      backlog_ = std::min(left, kLongestWaitSeconds * capacity);
      return {.utilisation = 1, .violated = true, .gone = left - backlog_};
    }
    tick.utilisation = offered / capacity;
    // Who comes first waits for what stood there at the beginning.
    const double waits = backlog_ / capacity;
    tick.violated = waits > 0 ? waits + p95_seconds(kStation, tick.utilisation) > kSloSeconds
                              : tick.utilisation > most_;
    backlog_ = 0;
    return tick;
  }
  double backlog() const { return backlog_; }  // requests

 private:
  double backlog_ = 0;
  double most_ = fixed_world::rate_at_slo() / fixed_world::kInstanceRate;
};

}  // namespace autoscaler
