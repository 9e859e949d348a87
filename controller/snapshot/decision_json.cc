#include "controller/snapshot/conditions.h"
#include "controller/snapshot/document.h"
#include "controller/snapshot/snapshot.h"
#include "metrics/quantity.h"
#include "policies/groups.h"
#include "policies/inputs.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace autoscaler {
namespace {

using nlohmann::json;

std::string quantity(double value) {
  return format_milli_quantity(std::llround(value * 1000));
}

// As in the MetricValueStatus of a HorizontalPodAutoscaler, whose target has the same keys.
json hpa_value(const HpaMetricSpec& metric, double value, std::optional<double> average) {
  switch (metric.target_kind) {
    case HpaMetricSpec::Target::kAverageValue: return {{"averageValue", quantity(value)}};
    case HpaMetricSpec::Target::kValue: return {{"value", quantity(value)}};
    case HpaMetricSpec::Target::kUtilization: break;
  }
  json object{{"averageUtilization", std::llround(value)}};
  if (average) object["averageValue"] = quantity(*average);
  return object;
}

// Exactly one of replicas, abstain, error.
void put_answer(const WorkloadSpec& spec, const Proposal& proposal, json& object) {
  if (proposal.replicas) {
    object["replicas"] = *proposal.replicas;
    return;
  }
  if (spec.hpa && proposal.missing) {
    object["error"] =
        failed_metric_reason(spec, proposal) + ": " + missing_reason_name(*proposal.missing);
    return;
  }
  object["abstain"] = abstain_reason_name(proposal.abstain.value_or(AbstainReason::kSignalMissing));
}

// What a policy of several signals looked at.
json inputs_json(const WorkloadSpec& spec, const Decision& decision, const SignalIndices& read) {
  json inputs = json::object();
  for (const uint16_t index : read) {
    if (index >= decision.signals.size()) continue;
    const SignalValue& value = decision.signals[index];
    json& input = inputs[spec.signals[index].name];
    if (value.value)
      input = number_json(*value.value);
    else if (value.missing)
      input = {{"missing", missing_reason_name(*value.missing)}};
    else
      input = {{"idle", true}};
  }
  return inputs;
}

json proposal_json(const WorkloadSpec& spec, const Decision& decision, const Proposal& proposal) {
  const PolicySpec& policy = spec.policies[proposal.policy];
  json object{{"policy", policy.name}};
  if (proposal.signal) object["metric"] = spec.signals[*proposal.signal].name;
  if (const auto* metric = std::get_if<HpaMetricSpec>(&policy.rule)) {
    if (proposal.target) object["target"] = hpa_value(*metric, *proposal.target, std::nullopt);
    if (proposal.current) {
      object["current"] = hpa_value(*metric, *proposal.current, proposal.current_average);
    }
  } else {
    if (proposal.target) object["target"] = number_json(*proposal.target);
    if (proposal.current) object["current"] = number_json(*proposal.current);
  }
  put_answer(spec, proposal, object);
  if (proposal.missing) object["missing"] = missing_reason_name(*proposal.missing);
  if (proposal.cooling) object["cooling"] = true;
  if (proposal.burst) object["burst"] = *proposal.burst;
  if (proposal.forecast) object["forecast"] = *proposal.forecast;
  if (proposal.keep) object["keep"] = *proposal.keep;
  if (proposal.plain) object["plain"] = true;
  const SignalIndices read = signals_of(policy.rule);
  if (read.size() > 1) object["inputs"] = inputs_json(spec, decision, read);
  return object;
}

// By the names of the policies, so that their order in the config changes no byte. The metrics of
// an HPA keep theirs: it reports the first that fails.
std::vector<const Proposal*> in_order(const WorkloadSpec& spec, const Decision& decision) {
  std::vector<const Proposal*> proposals;
  for (const Proposal& each : decision.proposals) proposals.push_back(&each);
  if (spec.hpa) return proposals;
  std::sort(proposals.begin(), proposals.end(), [&](const Proposal* a, const Proposal* b) {
    return spec.policies[a->policy].name < spec.policies[b->policy].name;
  });
  return proposals;
}

}  // namespace

json decision_json(const WorkloadSpec& spec, const Decision& decision) {
  json object{{"from", decision.from},
              {"to", decision.to},
              {"reason", reason_name(decision.reason)},
              {"combined", decision.combined}};
  object["proposals"] = json::array();
  for (const Proposal* each : in_order(spec, decision)) {
    object["proposals"].push_back(proposal_json(spec, decision, *each));
  }
  for (size_t group = 0; group < spec.groups.size(); ++group) {
    const auto answer = group_answer(spec, group, decision);
    json& one = object["groups"].emplace_back();
    one = {{"group", spec.groups[group].name}};
    if (!answer) continue;
    one["replicas"] = answer->replicas;
    one["policy"] = spec.policies[answer->policy].name;
  }
  object["adjustments"] = json::array();
  for (const Adjustment& each : decision.adjustments) {
    json adjustment{{"rule", rule_name(each.rule)}, {"before", each.before}, {"after", each.after}};
    if (each.without) adjustment["without"] = *each.without;
    if (each.policy) adjustment["policy"] = spec.policies[*each.policy].name;
    object["adjustments"].push_back(std::move(adjustment));
  }
  object["conditions"] = json::array();
  for (const Condition& each : conditions_of(spec, decision)) {
    object["conditions"].push_back({{"type", each.type},
                                    {"status", each.status ? "True" : "False"},
                                    {"reason", each.reason},
                                    {"message", each.message}});
  }
  return object;
}

}  // namespace autoscaler
