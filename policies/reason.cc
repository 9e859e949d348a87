#include "policies/stages.h"

#include <algorithm>

namespace autoscaler {
namespace {

Reason reason_of(Rule rule) {
  switch (rule) {
    case Rule::kMissingSignal: return Reason::kMissingSignal;
    case Rule::kStabilizeOut:
    case Rule::kStabilizeIn: return Reason::kStabilized;
    case Rule::kForecastHold: return Reason::kForecastHold;
    case Rule::kBurst: return Reason::kBurst;
    case Rule::kRateLimitOut:
    case Rule::kRateLimitIn: return Reason::kRateLimited;
    case Rule::kCooldownOut:
    case Rule::kCooldownIn: return Reason::kCooldown;
    case Rule::kDataQuality: return Reason::kDataQuality;
    case Rule::kFreshStart: return Reason::kFreshStart;
    case Rule::kJournal: return Reason::kJournal;
    case Rule::kWarmup: return Reason::kWarmup;
    case Rule::kBadDeploy: return Reason::kBadDeploy;
    case Rule::kIneffective: return Reason::kIneffective;
    case Rule::kErrors: return Reason::kErrors;
    case Rule::kExternal: return Reason::kExternal;
    case Rule::kFlapBudget: return Reason::kFlapBudget;
    case Rule::kSurge: return Reason::kSurge;
    case Rule::kSizeOrder: return Reason::kSizeOrder;
    case Rule::kMin: return Reason::kAtMin;
    case Rule::kMax: return Reason::kAtMax;
    case Rule::kScheduleMin:
    case Rule::kScheduleMax: return Reason::kScheduled;
    case Rule::kPause: return Reason::kPaused;
  }
  return Reason::kNoAnswer;
}

}  // namespace

Reason reason_for(const Decision& decision) {
  const Adjustment* last = decision.adjustments.empty() ? nullptr : &decision.adjustments.back();
  const bool moved = decision.to != decision.from;
  if (moved && last && last->rule == Rule::kSizeOrder) return Reason::kSizeOrder;
  if (decision.to > decision.from) {
    if (last && last->rule == Rule::kScheduleMin) return Reason::kScheduled;
    const bool repair = last && last->rule == Rule::kMin && last->before <= decision.from;
    return repair ? Reason::kBelowMin : Reason::kScaleOut;
  }
  if (decision.to < decision.from) {
    if (last && last->rule == Rule::kScheduleMax) return Reason::kScheduled;
    const bool repair = last && last->rule == Rule::kMax && last->before >= decision.from;
    return repair ? Reason::kAboveMax : Reason::kScaleIn;
  }
  // Held: the last stage that moved the number moved it here.
  if (last) return reason_of(last->rule);
  if (!decision.bound_by) return Reason::kNoAnswer;
  const Proposal& winner = decision.proposals[*decision.bound_by];
  if (winner.blocks_in && !winner.current) return Reason::kMissingSignal;  // a floor stood in
  const bool cooling = std::any_of(decision.proposals.begin(), decision.proposals.end(),
                                   [](const Proposal& proposal) { return proposal.cooling; });
  return cooling ? Reason::kCooldown : Reason::kOnTarget;
}

}  // namespace autoscaler
