#include "policies/guards/asking.h"
#include "policies/guards/guard.h"
#include "policies/trial.h"
#include "policies/warming.h"

namespace autoscaler {

void guard_ineffective(const Scene& scene, Decision& decision) {
  if (!scene.spec.guards.ineffective || decision.to <= decision.from) return;
  // `plan` tries launches again, one at a time. What cannot start is not asked for in numbers.
  if (scene.workload.launch_failures >= kGivenUp) no_scale_out(decision, Rule::kIneffective);
  const auto is_silenced = [&](size_t signal) {
    return is_useless(memory_at(scene.recent.signals, signal), scene.now);
  };
  if (const auto most = wanted_without(scene, decision, is_silenced)) {
    never_above(decision, Rule::kIneffective, *most);
  }
}

}  // namespace autoscaler
