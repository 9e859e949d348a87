#include "policies/learned_target.h"

#include "policies/when_missing.h"

#include <algorithm>
#include <chrono>

namespace autoscaler {

AbstainReason unknown_capacity(CapacityEvidence evidence) {
  switch (evidence) {
    case CapacityEvidence::kLatencyFlat: return AbstainReason::kLatencyFlat;
    case CapacityEvidence::kSloNotMet: return AbstainReason::kSloNotMet;
    default: return AbstainReason::kTooFewSamples;
  }
}

double confidence(const Capacity& capacity) {
  if (!capacity.per_instance || !capacity.likely || !(*capacity.likely > 0)) return 0;
  return std::min(1.0, *capacity.per_instance / *capacity.likely);
}

std::optional<double> learned_target(const TrackSpec& track, const Workload& workload,
                                     Proposal& proposal) {
  const Capacity capacity = memory_at(workload.capacities, track.signal);
  if (capacity.per_instance && *capacity.per_instance > 0) return kFill * *capacity.per_instance;
  proposal.abstain = unknown_capacity(capacity.evidence);
  return std::nullopt;
}

double load_of_backlog(const TrackSpec& track, const Scene& scene, const Readings& readings,
                       Proposal& proposal) {
  const SignalValue& queue = readings.values[*track.queue];
  std::optional<double> waiting = queue.value;
  if (queue.missing) {
    const Fallback fallback =
        fall_back(scene.spec.signals[*track.queue].when_missing,
                  memory_at(scene.recent.signals, *track.queue), scene.workload.size, scene.now);
    proposal.missing = queue.missing;
    proposal.fallback = fallback.kind;
    proposal.blocks_in = proposal.blocks_in || fallback.blocks_in;
    waiting = fallback.value;
  }
  const double seconds = std::chrono::duration<double>(kBacklogTime).count();
  return std::max(0.0, waiting.value_or(0)) / seconds;
}

}  // namespace autoscaler
