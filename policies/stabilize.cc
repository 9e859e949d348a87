#include "policies/predict/predict_policy.h"
#include "policies/stages.h"

#include <algorithm>

namespace autoscaler {
namespace {

// A run is within the window when its last tick is: every tick of a run wanted the same. The edge
// is out, as in the HPA.
template <typename Pick>
int32_t pick_within(const Recent::List<Recommendation>& runs, Duration window, Instant now,
                    int32_t picked, Pick pick) {
  for (const Recommendation& run : runs) {
    if (run.last > now - window) picked = pick(picked, run.replicas);
  }
  return picked;
}

constexpr auto kLower = [](int32_t a, int32_t b) { return std::min(a, b); };
constexpr auto kHigher = [](int32_t a, int32_t b) { return std::max(a, b); };

// Where a forecast brakes: a large reduction must have been wanted for two samples, a small one for
// some minutes. It saves little, and each one that is taken back is a launch.
int32_t wanted_lately(const Recent::List<Recommendation>& runs, int32_t size, int32_t wanted,
                      Instant now) {
  const int32_t lately = pick_within(runs, kLargeCutWindow, now, wanted, kHigher);
  const double large = std::max(kLargeCutCount, kLargeCutShare * size);
  if (size - lately >= large) return lately;
  return pick_within(runs, kForecastWindow, now, wanted, kHigher);
}

// The HPA without `behavior`: the highest recommendation not older than the window, even above the
// current size.
void stabilize_as_before_behavior(const Scene& scene, Decision& decision) {
  const Duration edge_in{1};  // here a recommendation of exactly the window's age still counts
  const int32_t highest =
      pick_within(scene.recent.recommendations, scene.spec.hpa->downscale_stabilization + edge_in,
                  scene.now, decision.to, kHigher);
  move(decision, Rule::kStabilizeIn, highest);
}

}  // namespace

void stabilize(const Scene& scene, Decision& decision) {
  const auto& behavior = scene.spec.behavior;
  const bool forecast = is_held_by_forecast(decision);
  if (scene.spec.hpa && !behavior) return stabilize_as_before_behavior(scene, decision);
  if (!behavior && !forecast) return;
  const auto& runs = scene.recent.recommendations;
  const int32_t wanted = decision.to;
  const Duration up_window = behavior ? behavior->up.stabilization : Duration{0};
  const Duration down_window = behavior ? behavior->down.stabilization : Duration{0};
  const int32_t up = pick_within(runs, up_window, scene.now, wanted, kLower);
  const int32_t down = forecast ? wanted_lately(runs, decision.from, wanted, scene.now)
                                : pick_within(runs, down_window, scene.now, wanted, kHigher);
  // up <= wanted <= down: only one of the two can be on the far side of the current size.
  const int32_t steady = std::min(std::max(decision.from, up), down);
  move(decision, wanted > steady ? Rule::kStabilizeOut : Rule::kStabilizeIn, steady);
}

}  // namespace autoscaler
