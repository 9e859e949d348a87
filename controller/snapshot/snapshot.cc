#include "controller/snapshot/snapshot.h"

#include "controller/schedule/open_windows.h"
#include "controller/snapshot/document.h"
#include "controller/snapshot/hpa_object.h"
#include "controller/snapshot/kubernetes.h"
#include "controller/snapshot/nouns.h"
#include "policies/schedule_policy.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace autoscaler {
namespace {

using nlohmann::json;

bool is_scaling_policy(const Place& policy) {
  const Place kind = policy["kind"];
  return kind.given() && kind.json() == "ScalingPolicy";
}

// A workload of the config has none of these.
bool is_hpa(const Place& policy) {
  if (is_scaling_policy(policy)) return false;
  return policy["kind"].given() || policy["apiVersion"].given() || policy["spec"].given();
}

// The spec of a ScalingPolicy as the workload that it is.
json workload_of_policy(const Place& policy) {
  const Place metadata = policy["metadata"];
  const std::string space = metadata["namespace"].text().value_or("default");
  json workload = policy["spec"].json();
  workload["name"] = space + "/" + metadata["name"].text().value_or("policy");
  const auto target = workload.find("target");
  if (target == workload.end() || !target->is_object()) return workload;
  (*target)["namespace"] = space;
  *target = {{"kubernetes", *target}};
  return workload;
}

void read_workload_policy(const Place& policy, WorkloadConfig& config) {
  const bool is_object = is_scaling_policy(policy);
  const Place place = is_object ? policy.require("spec", "say what to size, and how") : policy;
  if (!place.given() || !place.object()) return;
  const json workload = is_object ? workload_of_policy(policy) : place.json();
  const WorkloadResult result = parse_workload(workload.dump(), "policy");
  for (const ConfigProblem& problem : result.problems) {
    // Line and column are those of our own text: only the path means something to the reader.
    (problem.path.empty() ? place : place[problem.path]).fail(problem.message);
  }
  if (result.workload) config = *result.workload;
}

WorkloadConfig read_policy(const Place& root, UnknownNames unknown) {
  WorkloadConfig config;
  const Place place = root.require(
      "policy", "give a workload of the config, a ScalingPolicy or a HorizontalPodAutoscaler");
  const Place flags = root["flags"];
  if (!place.object()) return config;
  if (is_hpa(place)) {
    config.spec = read_hpa(place, read_hpa_flags(flags, HpaFlags{}));
    config.json = place.json().dump();
    return config;
  }
  read_workload_policy(place, config);
  if (config.spec.hpa) {
    config.spec.hpa = read_hpa_flags(flags, *config.spec.hpa);
  } else if (flags.given() && unknown == UnknownNames::kProblem) {
    flags.fail(
        "belong to a HorizontalPodAutoscaler, or to a workload with compatibility: hpa; "
        "remove them");
  }
  return config;
}

// {"spec": {"replicas": 3}, "status": {"replicas": 3}}. In Kubernetes an absent spec.replicas is 0,
// and status is always there; here it is as good as spec where it is not.
void read_scale(const Place& root, Workload& workload) {
  const auto counted = [](const Instance& instance) {
    return counts_as_capacity(instance.lifecycle);
  };
  const Place place = root["scale"];
  if (!place.object()) {
    if (!place.given() && !root["instances"].given()) {
      place.fail("is missing; give {\"spec\": {\"replicas\": 3}}");
    }
    workload.size = workload.status_size = static_cast<int32_t>(
        std::count_if(workload.instances.begin(), workload.instances.end(), counted));
    return;
  }
  const Place spec = place.require("spec", "give {\"replicas\": 3}");
  workload.size = spec.object() ? spec["replicas"].replicas().value_or(0) : 0;
  place["status"].object();
  workload.status_size = place["status"]["replicas"].replicas().value_or(workload.size);
}

// Windows that the document does not tell of are those of the policy at `now`, and so are those of
// another policy than it was recorded with.
std::vector<OpenWindow> read_or_open_windows(const Place& place, const WorkloadSpec& spec,
                                             Instant now, UnknownNames unknown) {
  if (!place.given() || unknown == UnknownNames::kDrop) return OpenWindows(spec).at(now, {});
  return read_windows(place, spec);
}

Workload read_workload(const Place& root, const WorkloadSpec& spec, Instant now,
                       UnknownNames unknown) {
  Workload workload;
  const Place pods = root["pods"];
  const Place instances = root["instances"];
  if (pods.given() == instances.given()) {
    pods.fail(pods.given() ? "stand beside `instances`; give one of the two"
                           : "are missing; list them (or `instances`), [] where there are none");
  }
  workload.instances = pods.given() ? read_pods(pods) : read_instances(instances);
  read_scale(root, workload);
  workload.journal_writable = root["journalWritable"].flag().value_or(true);
  workload.windows = read_or_open_windows(root["schedules"], spec, now, unknown);
  workload.orders = read_orders(root["orders"]);
  workload.launch_failures = root["launchFailures"].replicas().value_or(0);
  constexpr int64_t kTenYearsMs = 10 * 366 * int64_t{86'400'000};
  if (const auto ms = root["timeToReadyMs"].integer(0, kTenYearsMs)) {
    workload.time_to_ready = Duration{*ms};
  }
  workload.deployed = root["deployed"].instant();
  return workload;
}

Signals read_inputs(const Place& root, const WorkloadSpec& spec, Instant now,
                    UnknownNames unknown) {
  const Place metrics = root["metrics"];
  const Place signals = root["signals"];
  if (metrics.given() && signals.given()) {
    metrics.fail("stand beside `signals`; give one of the two");
  }
  if (!metrics.given()) return read_signals(signals, spec, now, unknown);
  if (root["policy"].given() && is_hpa(root["policy"])) {
    return read_metrics(metrics, root["policy"], spec, now);
  }
  metrics.fail("are read for a HorizontalPodAutoscaler; give this workload's `signals` by name");
  return read_signals(signals, spec, now, unknown);
}

Recent read_history(const Place& place, const WorkloadSpec& spec, int32_t size, Instant now,
                    UnknownNames unknown) {
  Recent unseen = first_sight(spec, size, now);
  if (!place.given()) return unseen;
  return read_recent(place, spec, std::move(unseen), now, unknown);
}

Result<Snapshot> read_snapshot(const Place& root, UnknownNames unknown, const Faults& faults) {
  Snapshot snapshot;
  root.only({"now", "policy", "scale", "pods", "metrics", "flags", "history", "instances",
             "signals", "learned", "journalWritable", "schedules", "orders", "launchFailures",
             "timeToReadyMs", "deployed"});
  snapshot.now = root.require("now", "say when it is decided: \"2026-11-22T10:00:00Z\"")
                     .instant()
                     .value_or(Instant{});
  snapshot.config = read_policy(root, unknown);
  // What follows is read against the policy: with a broken one it would only add noise.
  if (!faults.empty()) return faults.error();
  const WorkloadSpec& spec = snapshot.config.spec;
  snapshot.workload = read_workload(root, spec, snapshot.now, unknown);
  snapshot.signals = read_inputs(root, spec, snapshot.now, unknown);
  read_learned(root["learned"], spec, unknown, snapshot.workload);
  snapshot.recent =
      read_history(root["history"], spec, snapshot.workload.size, snapshot.now, unknown);
  if (!faults.empty()) return faults.error();
  return snapshot;
}

}  // namespace

Result<Snapshot> parse_snapshot(std::string_view text, UnknownNames unknown) {
  const auto document = parse_json(text);
  if (!document) return document.error();
  Faults faults;
  const Place root(document->get(), "", &faults);
  if (!root.given() || !root.object()) {
    return Error{Code::kInvalid,
                 "the document is no object; write {\"now\": ..., \"policy\": ..., ...}"};
  }
  return read_snapshot(root, unknown, faults);
}

json inputs_json(const WorkloadConfig& config, const Workload& workload, const Signals& signals,
                 const Recent& recent, Instant now) {
  json object;
  object["now"] = format_instant(now);
  object["scale"] = {{"spec", {{"replicas", workload.size}}},
                     {"status", {{"replicas", workload.status_size}}}};
  object["instances"] = instances_json(workload.instances);
  object["signals"] = signals_json(config.spec, signals);
  if (config.spec.hpa) object["flags"] = hpa_flags_json(*config.spec.hpa);
  object["history"] = recent_json(config.spec, recent);
  json learned = learned_json(config.spec, workload);
  if (!learned.empty()) object["learned"] = std::move(learned);
  object["journalWritable"] = workload.journal_writable;
  if (has_schedule(config.spec)) object["schedules"] = windows_json(config.spec, workload.windows);
  if (workload.orders != Orders{}) object["orders"] = orders_json(workload.orders);
  if (workload.launch_failures != 0) object["launchFailures"] = workload.launch_failures;
  if (workload.time_to_ready) object["timeToReadyMs"] = workload.time_to_ready->count();
  put_instant(object, "deployed", workload.deployed);
  return object;
}

std::string snapshot_text(const WorkloadConfig& config, const json& inputs) {
  return "{\"policy\":" + config.json + "," + inputs.dump().substr(1);
}

}  // namespace autoscaler
