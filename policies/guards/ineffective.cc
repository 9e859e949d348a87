#include "policies/guards/asking.h"
#include "policies/guards/guard.h"
#include "policies/trial.h"
#include "policies/warming.h"

#include <algorithm>

namespace autoscaler {
namespace {

bool is_starting(const Scene& scene) {
  const auto& instances = scene.workload.instances;
  return std::any_of(instances.begin(), instances.end(),
                     [](const Instance& each) { return is_warming_up(each.lifecycle); });
}

}  // namespace

void guard_ineffective(const Scene& scene, Decision& decision) {
  if (!scene.spec.guards.ineffective || decision.to <= decision.from) return;
  // What cannot start is not asked for in numbers: one more, and no other while that one starts.
  if (scene.workload.launch_failures >= kGivenUp) {
    never_above(decision, Rule::kIneffective, decision.from + (is_starting(scene) ? 0 : 1));
  }
  const auto is_silenced = [&](size_t signal) {
    return is_useless(memory_at(scene.recent.signals, signal), scene.now);
  };
  if (const auto most = wanted_without(scene, decision, is_silenced)) {
    never_above(decision, Rule::kIneffective, *most);
  }
}

}  // namespace autoscaler
