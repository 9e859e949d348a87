#include "policies/groups.h"
#include "policies/predict/predict_policy.h"
#include "policies/stages.h"

#include <algorithm>

namespace autoscaler {
namespace {

// The largest so far. Equal numbers go to the policy first by name.
struct Largest {
  const WorkloadSpec& spec;
  bool found = false;
  GroupAnswer answer{};

  void offer(const GroupAnswer& other) {
    const bool larger = !found || other.replicas > answer.replicas ||
                        (other.replicas == answer.replicas &&
                         spec.policies[other.policy].name < spec.policies[answer.policy].name);
    if (larger) answer = other;
    found = true;
  }
};

}  // namespace

void combine(const Scene& scene, Decision& decision) {
  const WorkloadSpec& spec = scene.spec;
  Largest largest{spec};
  bool blocked = false;
  for (const Proposal& proposal : decision.proposals) {
    blocked = blocked || proposal.blocks_in;
    if (!proposal.replicas || spec.policies[proposal.policy].group) continue;
    if (proposal.only_raises && *proposal.replicas < decision.from) continue;
    largest.offer({*proposal.replicas, proposal.policy});
  }
  for (size_t group = 0; group < spec.groups.size(); ++group) {
    const auto answer = group_answer(spec, group, decision);
    if (answer) largest.offer(*answer);
  }

  // What only raises has a say about less where others want less still.
  for (const Proposal& proposal : decision.proposals) {
    if (largest.found && proposal.only_raises && proposal.replicas) {
      largest.offer({*proposal.replicas, proposal.policy});
    }
  }

  decision.to = decision.from;
  decision.bound_by.reset();
  if (largest.found) {
    decision.to = largest.answer.replicas;
    decision.bound_by = largest.answer.policy;
  }
  const bool held =
      blocked && decision.to < decision.from && decision.waived != Rule::kMissingSignal;
  if (held) move(decision, Rule::kMissingSignal, decision.from);
  keep_for_forecast(scene, decision);
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
  decision.remember = !spec.hpa || (largest.found && !held);
}

}  // namespace autoscaler
