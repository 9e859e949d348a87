#include "policies/burst.h"

#include "policies/counts.h"
#include "policies/stages.h"

#include <algorithm>

namespace autoscaler {

void propose_burst(const TrackSpec::Burst& burst, std::optional<double> demand, int32_t in_service,
                   const Scene& scene, Proposal& proposal) {
  const PolicyMemory memory = memory_at(scene.recent.policies, proposal.policy);
  const int32_t wanted = demand ? ceil_count(*demand) : 0;
  proposal.past_burst = wanted >= burst.ratio * std::max(1, in_service) - kRounding;
  const bool lasts = memory.last_burst && scene.now - *memory.last_burst < burst.hold;
  if (!proposal.past_burst && !lasts) return;
  proposal.burst = std::max({wanted, lasts ? memory.burst_peak : 0, proposal.replicas.value_or(0)});
  proposal.replicas = proposal.burst;
  proposal.abstain.reset();
}

void remember_burst(const Proposal& proposal, Instant now, PolicyMemory& memory) {
  if (proposal.past_burst) memory.last_burst = now;
  memory.burst_peak = proposal.burst.value_or(0);
}

void lift_for_burst(const Scene&, Decision& decision) {
  std::optional<int32_t> burst;
  for (const Proposal& proposal : decision.proposals) {
    if (proposal.burst) burst = std::max(burst.value_or(0), *proposal.burst);
  }
  if (!burst) return;
  const int32_t wanted = std::min(*burst, decision.combined);  // less, in a group
  move(decision, Rule::kBurst, std::max({decision.to, wanted, decision.from}));
}

}  // namespace autoscaler
