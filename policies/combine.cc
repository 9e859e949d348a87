#include "policies/stages.h"

#include <algorithm>

namespace autoscaler {

void combine(const Scene& scene, Decision& decision) {
  const auto& policies = scene.spec.policies;
  const Proposal* largest = nullptr;
  bool blocked = false;
  for (const Proposal& proposal : decision.proposals) {
    blocked = blocked || proposal.blocks_in;
    if (!proposal.replicas) continue;
    const bool larger = !largest || *proposal.replicas > *largest->replicas ||
                        (*proposal.replicas == *largest->replicas &&
                         policies[proposal.policy].name < policies[largest->policy].name);
    if (larger) largest = &proposal;
  }

  decision.to = decision.from;
  decision.bound_by.reset();
  if (largest) {
    decision.to = *largest->replicas;
    decision.bound_by = largest->policy;
  }
  const bool held = blocked && decision.to < decision.from;
  if (held) move(decision, Rule::kMissingSignal, decision.from);
  // What an open window or an operator holds is remembered as wanted: when it ends, the windows of
  // `behavior` hand it back to the policies instead of cutting at once.
  const ActiveBounds active = active_bounds(scene);
  if (active.min_by) {
    move(decision, Rule::kScheduleMin, std::max(decision.to, active.bounds.min), active.min_by);
  }
  if (const auto size = ordered_size(scene)) {
    move(decision, Rule::kSizeOrder, std::max(decision.to, *size));
  }
  decision.combined = decision.to;
  // The HPA ends here when it has no answer, or not the whole one for a scale-in.
  decision.remember = !scene.spec.hpa || (largest && !held);
}

}  // namespace autoscaler
