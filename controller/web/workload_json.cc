#include "controller/web/workload_json.h"

#include "controller/snapshot/explain.h"
#include "controller/snapshot/nouns.h"
#include "controller/snapshot/snapshot.h"
#include "policies/capacity_sampler.h"
#include "policies/schedule_policy.h"

#include <nlohmann/json.hpp>

namespace autoscaler {
namespace {

using nlohmann::json;

double seconds_of(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

json error_json(const char* source, const Error& error) {
  return {{"source", source}, {"code", code_name(error.code)}, {"message", error.message}};
}

json errors_json(const WorkloadTick& tick) {
  json errors = json::array();
  if (tick.cluster_error) errors.push_back(error_json("cluster", *tick.cluster_error));
  if (tick.balancer_error) errors.push_back(error_json("balancer", *tick.balancer_error));
  for (const Error& error : tick.target_errors) errors.push_back(error_json("target", error));
  for (const ReadError& error : tick.read_errors) {
    errors.push_back({{"source", read_from_name(error.from)},
                      {"instance", error.instance},
                      {"code", missing_reason_name(error.reason)},
                      {"message", error.detail}});
  }
  for (const ChangeResult& result : tick.changes) {
    if (!result.error || is_waiting(result)) continue;
    json error = error_json(change_name(result.change), *result.error);
    error["instance"] = change_instance(result.change);
    errors.push_back(std::move(error));
  }
  return errors;
}

// The signals as the policies saw them.
json values_json(const WorkloadTick& tick, Instant now) {
  json values = json::object();
  const std::vector<SignalSpec>& specs = tick.config->spec.signals;
  const size_t seen = std::min(specs.size(), tick.decision.signals.size());
  for (size_t i = 0; i < seen; ++i) {
    const SignalValue& signal = tick.decision.signals[i];
    json& value =
        values[specs[i].name] = {{"expected", signal.expected}, {"reporting", signal.reporting}};
    if (signal.value) value["value"] = *signal.value;
    if (signal.missing) value["missing"] = missing_reason_name(*signal.missing);
    if (signal.idle) value["idle"] = true;
    if (signal.at) {
      value["at"] = format_instant(*signal.at);
      value["ageSeconds"] = seconds_of(now - *signal.at);
    }
    if (signal.completeness) value["completeness"] = *signal.completeness;
    if (signal.doubt) value["doubt"] = doubt_name(*signal.doubt);
  }
  return values;
}

// What was learned, with how sure it is and one line for a person.
json what_was_learned(const WorkloadTick& tick) {
  const WorkloadSpec& spec = tick.config->spec;
  const std::vector<Capacity>& capacities = tick.workload.capacities;
  json learned = json::object();
  for (size_t i = 0; i < capacities.size(); ++i) {
    if (!learns_capacity(spec, i)) continue;
    json& capacity = learned[spec.signals[i].name] = capacity_json(capacities[i]);
    capacity["confidence"] = confidence(capacities[i]);
    capacity["explanation"] = explain_capacity(spec.signals[i].name, capacities[i]);
  }
  json all{{"capacity", std::move(learned)}};
  for (const Prediction& each : tick.workload.predictions) {
    json& forecast = all["forecast"][spec.policies[each.policy].name] = prediction_json(each);
    forecast["explanation"] = explain_prediction(spec, each);
  }
  if (tick.workload.budget) {
    all["budget"] = spending_json(*tick.workload.budget);
    all["budget"]["explanation"] = explain_budget(*tick.workload.budget);
  }
  return all;
}

// The decision, and what was forecast for it.
json explained_json(const WorkloadTick& tick) {
  const WorkloadSpec& spec = tick.config->spec;
  json lines = explain_lines(spec, tick.decision);
  for (const Prediction& each : tick.workload.predictions) {
    lines.push_back("  forecast    " + explain_prediction(spec, each));
  }
  if (tick.workload.budget)
    lines.push_back("  budget      " + explain_budget(*tick.workload.budget));
  return lines;
}

json cooldown_json(const WorkloadTick& tick) {
  return {{"outSecondsLeft", seconds_of(tick.cooldown_out_left.value_or(Duration{0}))},
          {"inSecondsLeft", seconds_of(tick.cooldown_in_left.value_or(Duration{0}))}};
}

}  // namespace

json summary_json(const WorkloadTick& tick) {
  const WorkloadSpec& spec = tick.config->spec;
  json counts = json::object();
  for (const FleetInstance& instance : tick.instances) {
    json& count = counts[lifecycle_name(instance.lifecycle)];
    count = count.is_null() ? 1 : count.get<int>() + 1;
  }
  json summary{{"name", spec.name},
               {"size", tick.workload.size},
               {"wanted", tick.decision.to},
               {"min", spec.bounds.min},
               {"max", spec.bounds.max},
               {"reason", reason_name(tick.decision.reason)},
               {"outcome", outcome_name(tick.outcome)},
               {"explanation", explain_line(spec, tick.decision)},
               {"instances", std::move(counts)}};
  if (tick.shadow_size) summary["shadow"] = *tick.shadow_size;
  if (tick.shard) summary["shard"] = *tick.shard;
  return summary;
}

json detail_json(const WorkloadTick& tick, Instant now) {
  const WorkloadSpec& spec = tick.config->spec;
  json detail = summary_json(tick);
  detail["decision"] = decision_json(spec, tick.decision);
  detail["explained"] = explained_json(tick);
  detail["signals"] = values_json(tick, now);
  detail["readings"] = signals_json(spec, tick.signals);
  const bool learned = !tick.workload.capacities.empty() || !tick.workload.predictions.empty() ||
                       tick.workload.budget;
  if (learned) detail["learned"] = what_was_learned(tick);
  detail["cooldown"] = cooldown_json(tick);
  if (tick.time_to_ready) {
    detail["expectedTimeToReadySeconds"] = seconds_of(*tick.time_to_ready);
  }
  detail["orders"] = orders_json(tick.workload.orders);
  if (has_schedule(spec)) detail["schedules"] = windows_json(spec, tick.workload.windows);
  detail["launchFailuresInARow"] = tick.launch_failures;
  detail["errors"] = errors_json(tick);
  return detail;
}

json instances_json(const WorkloadTick& tick) {
  json instances = json::array();
  for (const FleetInstance& instance : tick.instances) {
    json object{{"id", instance.instance},       {"lifecycle", lifecycle_name(instance.lifecycle)},
                {"address", instance.address},   {"registered", instance.registered},
                {"serving", instance.serving},   {"exists", instance.exists},
                {"outdated", instance.outdated}, {"inFlight", instance.in_flight}};
    if (!instance.failure.empty()) object["failure"] = instance.failure;
    instances.push_back(std::move(object));
  }
  return instances;
}

json kept_decision_json(const KeptDecision& kept) {
  const WorkloadSpec& spec = kept.workload->spec;
  return {{"workload", spec.name},
          {"at", format_instant(kept.at)},
          {"tick", kept.tick},
          {"outcome", outcome_name(kept.outcome)},
          {"explanation", explain_line(spec, kept.decision)},
          {"decision", decision_json(spec, kept.decision)}};
}

}  // namespace autoscaler
