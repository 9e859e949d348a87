#include "policies/guards/guard.h"
#include "policies/threshold.h"

#include <algorithm>

namespace autoscaler {
namespace {

constexpr int32_t kLeastSurge =
    4;  // of a percentage: what `behavior` adds at once to a small service

}  // namespace

void guard_surge(const Scene& scene, Decision& decision) {
  const auto& surge = scene.spec.guards.surge;
  if (!surge || decision.to <= decision.from) return;
  const auto& instances = scene.workload.instances;
  const auto starting = static_cast<int32_t>(
      std::count_if(instances.begin(), instances.end(), [](const Instance& instance) {
        return instance.lifecycle == Lifecycle::kRequested ||
               instance.lifecycle == Lifecycle::kLaunching;
      }));
  int32_t most = instances_of(*surge, decision.from);
  if (surge->percent) most = std::max(most, kLeastSurge);
  never_above(decision, Rule::kSurge, decision.from + std::max(0, most - starting));
}

}  // namespace autoscaler
