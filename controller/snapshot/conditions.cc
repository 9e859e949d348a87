#include "controller/snapshot/conditions.h"

#include <algorithm>
#include <array>

namespace autoscaler {
namespace {

// The number between stabilisation and the limits.
int32_t stabilized(const Decision& decision) {
  int32_t size = decision.combined;
  for (const Adjustment& each : decision.adjustments) {
    if (each.rule == Rule::kStabilizeOut || each.rule == Rule::kStabilizeIn) size = each.after;
  }
  return size;
}

bool adjusted_by(const Decision& decision, Rule rule) {
  return std::any_of(decision.adjustments.begin(), decision.adjustments.end(),
                     [rule](const Adjustment& each) { return each.rule == rule; });
}

Condition able_to_scale(const Decision& decision) {
  const std::string type = "AbleToScale";
  if (decision.to != decision.from) {
    return {type, true, "SucceededRescale", "resized to " + std::to_string(decision.to)};
  }
  if (decision.remember && adjusted_by(decision, Rule::kStabilizeIn)) {
    return {type, true, "ScaleDownStabilized",
            "a higher recommendation within the window is followed"};
  }
  if (decision.remember && adjusted_by(decision, Rule::kStabilizeOut)) {
    return {type, true, "ScaleUpStabilized",
            "a lower recommendation within the window is followed"};
  }
  if (!decision.remember) {
    return {type, true, "SucceededGetScale", "the current size could be read"};
  }
  return {type, true, "ReadyForNewScale", "no window holds the size back"};
}

Condition scaling_active(const WorkloadSpec& spec, const Decision& decision) {
  const std::string type = "ScalingActive";
  if (decision.remember) {
    const std::string by = decision.bound_by ? spec.policies[*decision.bound_by].name : "a policy";
    return {type, true, "ValidMetricFound", by + " gave a size"};
  }
  const auto failed =
      std::find_if(decision.proposals.begin(), decision.proposals.end(),
                   [](const Proposal& proposal) { return !proposal.replicas.has_value(); });
  if (failed == decision.proposals.end()) {
    return {type, false, "InvalidMetricSourceType", "there is no metric to scale by"};
  }
  std::string message = spec.policies[failed->policy].name + " has no value";
  if (failed->missing) message += std::string(": ") + missing_reason_name(*failed->missing);
  return {type, false, failed_metric_reason(spec, *failed), message};
}

// A limit that reaches the bound counts as the bound.
Condition scaling_limited(const WorkloadSpec& spec, const Decision& decision) {
  const std::string type = "ScalingLimited";
  const int32_t wanted = stabilized(decision);
  const std::string moved = std::to_string(wanted) + " -> " + std::to_string(decision.to);
  if (decision.to == wanted) {
    return {type, false, "DesiredWithinRange", "the size wanted is within all limits"};
  }
  if (decision.to < wanted) {
    return decision.to < spec.bounds.max
               ? Condition{type, true, "ScaleUpLimit", "growth is limited: " + moved}
               : Condition{type, true, "TooManyReplicas", "maxReplicas: " + moved};
  }
  return spec.behavior && decision.to > spec.bounds.min
             ? Condition{type, true, "ScaleDownLimit", "shrinking is limited: " + moved}
             : Condition{type, true, "TooFewReplicas", "minReplicas: " + moved};
}

}  // namespace

std::string failed_metric_reason(const WorkloadSpec& spec, const Proposal& proposal) {
  static constexpr std::array<const char*, 5> kNames{"Resource", "ContainerResource", "Pods",
                                                     "Object", "External"};
  // A signal of ours is a resource of the pods if it is a ratio of their capacity; else the HPA
  // would call it an external one.
  const bool is_resource = proposal.signal && spec.signals[*proposal.signal].is_utilization;
  auto source = is_resource ? HpaMetricSpec::Source::kResource : HpaMetricSpec::Source::kExternal;
  if (const auto* metric = std::get_if<HpaMetricSpec>(&spec.policies[proposal.policy].rule)) {
    source = metric->source;
  }
  return std::string("FailedGet") + kNames[static_cast<size_t>(source)] + "Metric";
}

std::vector<Condition> conditions_of(const WorkloadSpec& spec, const Decision& decision) {
  return spec.hpa ? decision_conditions(spec, decision) : std::vector<Condition>{};
}

std::vector<Condition> decision_conditions(const WorkloadSpec& spec, const Decision& decision) {
  std::vector<Condition> conditions{able_to_scale(decision)};
  if (decision.reason == Reason::kDisabled) {
    conditions.push_back({"ScalingActive", false, "ScalingDisabled",
                          "the size is 0: scaling is off until it is set from outside"});
    return conditions;
  }
  // Outside its bounds the size is repaired before any metric is looked at.
  if (decision.proposals.empty() && !decision.remember) return conditions;
  conditions.push_back(scaling_active(spec, decision));
  if (decision.remember) conditions.push_back(scaling_limited(spec, decision));
  return conditions;
}

}  // namespace autoscaler
