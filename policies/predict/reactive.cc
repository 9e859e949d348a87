#include "policies/predict/reactive.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

constexpr double kUsed = 0.97;          // of an instance's rate at the SLO
constexpr double kBacklogSeconds = 60;  // in which a backlog is worked off
constexpr double kBurst = 2;            // newest sample over the minute's mean

}  // namespace

ReactiveSize reactive_size(const LoadNow& now, double rate_per_instance) {
  ReactiveSize wanted;
  wanted.burst = now.rate >= kBurst * now.mean_rate && now.mean_rate > 0;
  const double rate = wanted.burst ? now.rate : now.mean_rate;
  const double size = std::ceil(rate / (kUsed * rate_per_instance)) +
                      std::ceil(now.backlog / (rate_per_instance * kBacklogSeconds));
  wanted.size = static_cast<int32_t>(std::clamp(size, 1.0, 1e9));
  return wanted;
}

}  // namespace autoscaler
