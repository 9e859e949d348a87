#include "controller/kubernetes/policy_conditions.h"

#include "controller/kubernetes/micro_time.h"
#include "controller/snapshot/document.h"
#include "controller/snapshot/explain.h"
#include "controller/snapshot/snapshot.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <map>

namespace autoscaler {
namespace {

using nlohmann::json;

constexpr size_t kMessageBytes = 1000;  // of a condition; the field's own limit is 32 KiB

// bad_deploy -> BadDeploy
std::string camel_case(const std::string& name) {
  std::string text;
  bool is_first = true;
  for (const char c : name) {
    if (c != '_') text += is_first ? static_cast<char>(std::toupper(c)) : c;
    is_first = c == '_';
  }
  return text;
}

// Why a change that was decided was not made, if it was not.
std::optional<Error> failure_of(const WorkloadTick& tick) {
  if (tick.outcome != Outcome::kFailed) return std::nullopt;
  for (const ChangeResult& result : tick.changes) {
    if (result.error) return result.error;
  }
  if (!tick.target_errors.empty()) return tick.target_errors.front();
  return Error{Code::kUnavailable, "the size could not be written"};
}

// What holds the size back beside windows and limits, for which the HPA has words of its own.
std::optional<Condition> held_back(const WorkloadSpec& spec, const Decision& decision) {
  const std::string type = "AbleToScale";
  const std::string line = explain_line(spec, decision);
  switch (decision.reason) {
    case Reason::kCooldown: {
      const bool is_out =
          std::any_of(decision.adjustments.begin(), decision.adjustments.end(),
                      [](const Adjustment& each) { return each.rule == Rule::kCooldownOut; });
      return Condition{type, false, is_out ? "BackoffUpscale" : "BackoffDownscale", line};
    }
    case Reason::kMissingSignal:
    case Reason::kDataQuality:
    case Reason::kFreshStart:
    case Reason::kJournal:
    case Reason::kWarmup:
    case Reason::kBadDeploy:
    case Reason::kIneffective:
    case Reason::kErrors:
    case Reason::kExternal:
    case Reason::kFlapBudget:
    case Reason::kSurge:
      return Condition{type, false, camel_case(reason_name(decision.reason)), line};
    default: return std::nullopt;
  }
}

// Policies that are silent for a reason of theirs (no window is open) are no failure.
std::optional<Condition> without_signals(const WorkloadSpec& spec, const Decision& decision) {
  const Proposal* missing = nullptr;
  for (const Proposal& proposal : decision.proposals) {
    if (proposal.replicas) return std::nullopt;
    if (missing == nullptr && proposal.missing) missing = &proposal;
  }
  if (missing == nullptr) return std::nullopt;
  return Condition{"ScalingActive", false, failed_metric_reason(spec, *missing),
                   explain_line(spec, decision)};
}

std::string pause_text(const Pause& pause) {
  static constexpr const char* kHeld[] = {"no change", "no scale-out", "no scale-in"};
  std::string text = kHeld[static_cast<size_t>(pause.direction)];
  return pause.until ? text + " until " + seconds_text(*pause.until) : text;
}

Condition paused(const WorkloadTick& tick, Instant now) {
  const WorkloadSpec& spec = tick.config->spec;
  std::string text;
  if (spec.pause && (!spec.pause->until || now < *spec.pause->until)) {
    text = pause_text(*spec.pause) + ", by its spec";
  }
  if (tick.workload.orders.pause) {
    text += (text.empty() ? "" : "; ") + pause_text(*tick.workload.orders.pause) +
            ", by an operator or an annotation of the target";
  }
  if (text.empty()) return {"Paused", false, "NotPaused", "nothing pauses it"};
  return {"Paused", true, "Paused", text};
}

}  // namespace

std::optional<Condition> trouble_with_the_target(const WorkloadTick& tick) {
  const std::string type = "AbleToScale";
  // Of reads this alone is a conflict: its pods are another's too.
  if (tick.cluster_error && tick.cluster_error->code == Code::kConflict) {
    return Condition{"ScalingActive", false, "AmbiguousSelector", tick.cluster_error->message};
  }
  if (tick.cluster_error)
    return Condition{type, false, "FailedGetScale", tick.cluster_error->message};
  for (const Error& error : tick.target_errors) {
    if (is_rival(error)) return Condition{type, false, "OtherAutoscaler", error.message};
  }
  if (const auto failure = failure_of(tick)) {
    return Condition{type, false, "FailedUpdateScale", failure->message};
  }
  return std::nullopt;
}

void put_condition(Condition condition, std::vector<Condition>& conditions) {
  const auto found = std::find_if(conditions.begin(), conditions.end(), [&](const Condition& each) {
    return each.type == condition.type;
  });
  if (found == conditions.end()) {
    conditions.push_back(std::move(condition));
  } else {
    *found = std::move(condition);
  }
}

std::vector<Condition> policy_conditions(const WorkloadTick& tick, Instant now) {
  const WorkloadSpec& spec = tick.config->spec;
  const bool is_known = !tick.cluster_error;  // otherwise the decision is founded on nothing
  std::vector<Condition> conditions;
  if (is_known) conditions = decision_conditions(spec, tick.decision);
  if (is_known && !spec.hpa) {
    if (auto held = held_back(spec, tick.decision)) put_condition(std::move(*held), conditions);
    if (auto silent = without_signals(spec, tick.decision))
      put_condition(std::move(*silent), conditions);
  }
  if (auto trouble = trouble_with_the_target(tick)) {
    if (trouble->type == "ScalingActive") {  // what stood there before would stay
      put_condition({"AbleToScale", true, "SucceededGetScale", "the target's scale can be read"},
                    conditions);
    }
    put_condition(std::move(*trouble), conditions);
  }
  put_condition({"Accepted", true, "Valid", "the spec is valid, and runs"}, conditions);
  put_condition(paused(tick, now), conditions);
  return conditions;
}

Condition accepted(const PolicyState& state) {
  std::string text;
  for (const ConfigProblem& problem : state.problems) {
    text += (text.empty() ? "" : "; ") +
            (problem.path.empty() ? problem.message : problem.path + ": " + problem.message);
  }
  if (state.last_good_runs) text += "; its last good spec runs on";
  switch (state.standing) {
    case PolicyState::Standing::kRuns:
      return {"Accepted", true, "Valid", "the spec is valid, and runs"};
    case PolicyState::Standing::kInvalid: return {"Accepted", false, "InvalidSpec", text};
    case PolicyState::Standing::kTargetTaken: return {"Accepted", false, "TargetTaken", text};
    case PolicyState::Standing::kTooMany: break;
  }
  return {"Accepted", false, "TooMany", text};
}

json conditions_json(const std::vector<Condition>& conditions, const json& before, Instant now,
                     int64_t generation) {
  std::map<std::string, json> all;
  if (before.is_array()) {
    for (const json& each : before) {
      if (each.is_object() && each.contains("type") && each["type"].is_string()) {
        all[each["type"].get<std::string>()] = each;
      }
    }
  }
  for (const Condition& condition : conditions) {
    json& stands = all[condition.type];
    const char* status = condition.status ? "True" : "False";
    const bool is_same = stands.is_object() && stands.value("status", json()) == status &&
                         stands.contains("lastTransitionTime");
    const json since = is_same ? stands["lastTransitionTime"] : json(seconds_text(now));
    stands = {{"type", condition.type},
              {"status", status},
              {"reason", condition.reason},
              {"message", text_json(condition.message.substr(0, kMessageBytes))},
              {"lastTransitionTime", since},
              {"observedGeneration", generation}};
  }
  json list = json::array();
  for (auto& [type, condition] : all) list.push_back(std::move(condition));
  return list;
}

}  // namespace autoscaler
