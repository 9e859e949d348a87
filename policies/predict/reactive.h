#pragma once

#include <cstdint>
#include <optional>

namespace autoscaler {

// What is measured now.
struct LoadNow {
  double rate = 0;       // newest sample, requests per second
  double mean_rate = 0;  // over the last minute
  double backlog = 0;    // requests that wait
};

// The size that the measured load asks for, whatever was forecast: the load over 0.97 of what an
// instance can serve within the SLO, and the backlog worked off in a minute. Load that has doubled
// within the minute is believed at once (Knative's panic rule).
struct ReactiveSize {
  int32_t size = 1;
  bool burst = false;
};
ReactiveSize reactive_size(const LoadNow& now, double rate_per_instance);

}  // namespace autoscaler
