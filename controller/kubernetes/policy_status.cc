#include "controller/kubernetes/policy_status.h"

#include "controller/kubernetes/micro_time.h"
#include "controller/kubernetes/objects.h"
#include "controller/snapshot/document.h"
#include "controller/snapshot/explain.h"
#include "controller/snapshot/snapshot.h"

#include <algorithm>

namespace autoscaler {
namespace {

using nlohmann::json;

constexpr size_t kLineBytes = 1000;

bool is_resized(const WorkloadTick& tick) {
  return tick.outcome == Outcome::kApplied && tick.decision.to != tick.decision.from;
}

json decision_of(const WorkloadTick& tick, Instant now) {
  const WorkloadSpec& spec = tick.config->spec;
  const Decision& decision = tick.decision;
  json object{{"time", seconds_text(now)},
              {"from", decision.from},
              {"to", decision.to},
              {"outcome", outcome_name(tick.outcome)},
              {"reason", reason_name(decision.reason)},
              {"message", text_json(explain_line(spec, decision).substr(0, kLineBytes))}};
  if (decision.bound_by) object["policy"] = spec.policies[*decision.bound_by].name;
  if (!decision.adjustments.empty()) object["rule"] = rule_name(decision.adjustments.back().rule);
  object["policies"] = json::array();
  for (const Proposal& proposal : decision.proposals) {
    json policy{{"name", spec.policies[proposal.policy].name},
                {"message", text_json(explain_proposal(spec, proposal).substr(0, kLineBytes))}};
    if (proposal.replicas) policy["replicas"] = *proposal.replicas;
    object["policies"].push_back(std::move(policy));
  }
  return object;
}

// "Accepted=True Valid"; without the reason where it says no more than that all is well.
std::string condition_text(const json& condition, bool reasons) {
  std::string text;
  for (const char* key : {"type", "status", "reason"}) {
    const json part = member(condition, key);
    if (std::string_view(key) == "reason" && !reasons) continue;
    text += (part.is_string() ? part.get<std::string>() : "") + " ";
  }
  return text;
}

bool is_trouble(const json& condition) {
  const json reason = member(condition, "reason");
  if (!reason.is_string()) return false;
  const std::string text = reason.get<std::string>();
  return text.starts_with("Failed") || text == "OtherAutoscaler";
}

}  // namespace

PolicyStatus policy_status(const WorkloadTick& tick, Instant now, const json& hand_over) {
  PolicyStatus status;
  status.at = now;
  status.generation = tick.config->object ? tick.config->object->generation : 0;
  status.fields = {{"observedGeneration", status.generation}, {"handOver", hand_over}};
  status.conditions = policy_conditions(tick, now);
  if (tick.cluster_error) return status;
  status.fields["currentReplicas"] = tick.workload.status_size;
  status.fields["desiredReplicas"] = tick.decision.to;
  status.fields["lastDecision"] = decision_of(tick, now);
  if (is_resized(tick)) status.fields["lastScaleTime"] = seconds_text(now);
  return status;
}

PolicyStatus policy_status(const PolicyState& state, Instant now) {
  PolicyStatus status;
  status.at = now;
  status.generation = state.object.generation;
  status.fields = {{"observedGeneration", status.generation}};
  status.conditions = {accepted(state)};
  return status;
}

json status_after(const json& before, const PolicyStatus& status) {
  json after = before.is_object() ? before : json::object();
  for (const auto& [key, value] : status.fields.items()) after[key] = value;
  after["conditions"] =
      conditions_json(status.conditions, member(after, "conditions"), status.at, status.generation);
  return after;
}

std::string urgent_part(const json& status) {
  std::string text;
  for (const char* key : {"observedGeneration", "desiredReplicas", "lastScaleTime", "handOver"}) {
    text += member(status, key).dump() + " ";
  }
  for (const json& condition : member(status, "conditions")) {
    const json type = member(condition, "type");
    if (type == "AbleToScale" || type == "ScalingLimited") {
      text += is_trouble(condition) ? condition_text(condition, true) : "";
    } else {
      text += condition_text(condition, false);
    }
  }
  return text;
}

std::string telling_part(const json& status) {
  std::string text = urgent_part(status) + member(status, "currentReplicas").dump() + " ";
  for (const json& condition : member(status, "conditions")) {
    text += condition_text(condition, true);
  }
  return text + member(member(status, "lastDecision"), "reason").dump();
}

json merge_patch_between(const json& before, const json& after) {
  if (!before.is_object() || !after.is_object()) return after;
  json patch = json::object();
  for (const auto& [key, value] : before.items()) {
    if (!after.contains(key)) patch[key] = nullptr;
  }
  for (const auto& [key, value] : after.items()) {
    if (!before.contains(key)) {
      patch[key] = value;
    } else if (before[key] != value) {
      patch[key] = merge_patch_between(before[key], value);
    }
  }
  return patch;
}

}  // namespace autoscaler
