#include "policies/groups.h"

namespace autoscaler {
namespace {

// Among equals the first by name, so that the order in the config changes nothing.
bool before(const WorkloadSpec& spec, const Proposal& a, const Proposal& b) {
  return spec.policies[a.policy].name < spec.policies[b.policy].name;
}

}  // namespace

std::optional<GroupAnswer> group_answer(const WorkloadSpec& spec, size_t group,
                                        const Decision& decision) {
  const Proposal* least = nullptr;
  const Proposal* most = nullptr;
  bool declined = false;  // somebody has no number, and would have to agree to more
  for (const Proposal& proposal : decision.proposals) {
    if (spec.policies[proposal.policy].group != group) continue;
    if (!proposal.replicas) {
      declined = declined || proposal.abstain != AbstainReason::kSignalMissing;
      continue;
    }
    const auto better = [&](const Proposal* best, int sign) {
      if (!best) return true;
      const int64_t lead = sign * (int64_t{*proposal.replicas} - *best->replicas);
      return lead > 0 || (lead == 0 && before(spec, proposal, *best));
    };
    if (better(least, -1)) least = &proposal;
    if (better(most, 1)) most = &proposal;
  }
  if (!least) return std::nullopt;
  const int32_t size = decision.from;
  if (*least->replicas > size && !declined) return GroupAnswer{*least->replicas, least->policy};
  if (*most->replicas < size) return GroupAnswer{*most->replicas, most->policy};
  // Held: by the least where somebody wants more, by the most where somebody wants less.
  return GroupAnswer{size, *most->replicas > size ? least->policy : most->policy};
}

}  // namespace autoscaler
