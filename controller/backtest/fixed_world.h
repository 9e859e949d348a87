#pragma once

#include "policies/queueing.h"

#include <cstdint>

// The world in which `./dev bench-traces` compares policies. It is fixed, so that results of
// different days and different people mean the same; every number of it stands here.
namespace autoscaler::fixed_world {

inline constexpr int64_t kTickSeconds = 15;
inline constexpr int64_t kDrainSeconds = 30;       // paid after the last request
inline constexpr double kPeakInstances = 40;       // what the load below needs
inline constexpr double kPeakQuantile = 0.995;     // of the trace's values
inline constexpr double kNoise = 0.029;            // standard deviation of log load
inline constexpr double kNoiseMemory = 0.5;        // AR(1) from one tick to the next
inline constexpr double kCpuNoise = 0.03;          // of a measured mean
inline constexpr double kLongestWaitSeconds = 10;  // what waits longer has gone away
// Not scored; of a trace shorter than 14 days half.
inline constexpr int64_t kWarmUpSeconds = int64_t{7} * 86400;
// Half of which is scored: for as long as the longest lead, in which a launch comes to something.
inline constexpr int64_t kShortestSeconds = 1200;
inline constexpr int64_t kLongestScoredSeconds =
    int64_t{45} * 86400;                         // of a longer trace the first 52 days
inline constexpr int kDelayTicks = 1;            // a metric is this old at its best
inline constexpr int kMeanTicks = 4;             // CPU is a mean over a minute
inline constexpr int32_t kLargestSize = 10'000;  // for all, the oracle too; as in any config
inline constexpr double kSloSeconds = 0.3;       // p95

// An instance: 5 workers, 50 ms a request, so 100 requests per second at most.
inline constexpr Station kStation{
    .workers = 5, .service_seconds = 0.05, .service_p95_seconds = 0.11, .variability = 1};
inline constexpr double kInstanceRate = 100;  // workers / service_seconds

// The largest rate at which one instance meets the SLO: 86.2 a second.
inline double rate_at_slo() {
  return *utilisation_at_slo(kStation, kSloSeconds) * kInstanceRate;
}

}  // namespace autoscaler::fixed_world
