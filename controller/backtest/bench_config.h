#pragma once

#include "controller/config/config.h"

#include <memory>
#include <optional>

namespace autoscaler {

// A policy of ours in the fixed world, as anybody may write it.
struct BenchPolicy {
  std::optional<double> price;   // predict-V
  std::optional<double> budget;  // budget-B, a share of the time: 0.005
  double capacity_factor = 1;    // what it believes of an instance, over the truth
};

// The config of one workload, which waits for `lead_s` until an instance serves: `track` at 0.97 of
// the capacity with its backlog and bursts, and `predict` above it in full, forecasting the newest
// sample. No behavior, no guards.
std::shared_ptr<const Config> bench_config(const BenchPolicy& policy, int64_t lead_s);

// Its signals, in the order of WorkloadSpec::signals.
enum BenchSignal : size_t {
  kLatency,   // p95
  kRate,      // newest sample; missing in a gap
  kRateFast,  // newest sample
  kRateSlow,  // over the last minute
  kWaiting,   // backlog
  kBenchSignals
};

}  // namespace autoscaler
