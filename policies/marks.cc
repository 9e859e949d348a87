#include "policies/marks.h"

#include <algorithm>

namespace autoscaler {

MarkedSignals::Seen MarkedSignals::see(size_t signal) {
  const SignalValue& read = readings_.values[signal];
  if (read.missing) {
    const Fallback fallback =
        fall_back(scene_.spec.signals[signal].when_missing,
                  memory_at(scene_.recent.signals, signal), scene_.workload.size, scene_.now);
    note(*read.missing, fallback);
    return {fallback.value, false, fallback.kind == WhenMissing::Kind::kIgnore};
  }
  if (read.at && (!proposal_.sample_at || *read.at > *proposal_.sample_at)) {
    proposal_.sample_at = read.at;
  }
  return {read.value, read.idle, false};
}

void MarkedSignals::note(MissingReason reason, const Fallback& fallback) {
  if (!proposal_.missing) {
    proposal_.missing = reason;
    proposal_.fallback = fallback.kind;
  }
  proposal_.blocks_in = proposal_.blocks_in || fallback.blocks_in;
  if (fallback.replicas) {
    proposal_.replicas = std::max(proposal_.replicas.value_or(0), *fallback.replicas);
  }
}

bool is_blind(const Proposal& proposal) {
  return proposal.blocks_in ||
         (proposal.missing && !proposal.sample_at && proposal.fallback != WhenMissing::Kind::kLast);
}

void settle(std::optional<int32_t> wanted, Proposal& proposal) {
  const auto fallback = proposal.replicas;
  proposal.replicas = wanted && fallback ? std::max(*wanted, *fallback)
                      : wanted           ? wanted
                                         : fallback;
  if (proposal.replicas) return;
  if (!proposal.missing) {
    proposal.abstain = AbstainReason::kNoInRule;
  } else {
    proposal.abstain = proposal.blocks_in ? AbstainReason::kHeld : AbstainReason::kSignalMissing;
  }
}

}  // namespace autoscaler
