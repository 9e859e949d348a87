#include "controller/import/draft.h"

#include <algorithm>

namespace autoscaler {
namespace {

// KEDA's defaults.
constexpr int64_t kMin = 0;
constexpr int64_t kMax = 100;
constexpr int64_t kPollingSeconds = 30;

void say_what_is_lost(const ObjectPlace& spec) {
  const auto lost = [](const ObjectPlace& place, const std::string& message) {
    if (place.given()) place.remark(message);
  };
  lost(spec["pollingInterval"],
       "pollingInterval is not carried over: controller.interval holds for all workloads");
  lost(spec["cooldownPeriod"],
       "cooldownPeriod is not carried over: size 0 is reached as any other, after the scale-in "
       "window of `behavior`");
  lost(spec["initialCooldownPeriod"],
       "initialCooldownPeriod is not carried over: see `warmup` and the guards in "
       "docs/guards.md");
  lost(spec["idleReplicaCount"],
       "idleReplicaCount is not carried over: the size at rest is replicas.min");
  const ObjectPlace advanced = spec["advanced"];
  lost(advanced["restoreToOriginalReplicaCount"],
       "restoreToOriginalReplicaCount is not carried over: a workload that leaves the config "
       "keeps its size");
  lost(advanced["scalingModifiers"],
       "scalingModifiers is not carried over: write it as a policy `formula` over the signals");
  lost(advanced["horizontalPodAutoscalerConfig"]["name"],
       "the name of the HorizontalPodAutoscaler has no meaning here");
}

void read_annotations(const ObjectPlace& object, WorkloadDraft& draft) {
  const ObjectPlace annotations = object["metadata"]["annotations"];
  const ObjectPlace paused = annotations["autoscaling.keda.sh/paused"];
  draft.paused = paused.text() == "true";
  const ObjectPlace size = annotations["autoscaling.keda.sh/paused-replicas"];
  if (size.given()) {
    draft.paused = true;
    size.remark("paused-replicas: " + size.text() +
                " became `pause: all`, which keeps the size that stands; order another with "
                "`autoscaler size`");
  }
}

// A failing trigger asks for `replicas` there; so does its signal here.
void read_fallback(const ObjectPlace& spec, WorkloadDraft& draft) {
  const ObjectPlace fallback = spec["fallback"];
  if (!fallback.given()) return;
  const int64_t failures = fallback["failureThreshold"].integer().value_or(1);
  const int64_t polling = spec["pollingInterval"].integer().value_or(kPollingSeconds);
  const std::string keys = ", whenMissing: {do: size, replicas: " +
                           std::to_string(fallback["replicas"].integer().value_or(1)) +
                           ", after: " + std::to_string(failures * polling) + "s}";
  bool used = false;
  for (WorkloadDraft::Signal& signal : draft.signals) {
    if (!signal.prometheus) continue;
    signal.keys += keys;
    used = true;
  }
  if (!used) {
    fallback.remark("fallback is not carried over: no trigger has a use for it");
    return;
  }
  draft.hpa = false;
  fallback.remark(
      "fallback became `whenMissing` of its signals; the HPA has nothing like it, so "
      "`compatibility: hpa` is left out and the rules of docs/hpa.md's last column hold");
}

void read_bounds(const ObjectPlace& spec, WorkloadDraft& draft) {
  draft.min = spec["minReplicaCount"].integer().value_or(kMin);
  draft.max = spec["maxReplicaCount"].integer().value_or(kMax);
}

// From 0 only what exists without pods can bring the first one back.
void check_zero(const ObjectPlace& spec, WorkloadDraft& draft) {
  if (draft.min > 0) return;
  const auto outside = [](const WorkloadDraft::Signal& signal) {
    return signal.prometheus.has_value();
  };
  const bool scheduled = draft.policies.size() > draft.signals.size();
  if (scheduled || std::any_of(draft.signals.begin(), draft.signals.end(), outside)) return;
  draft.min = 1;
  spec["minReplicaCount"].remark(
      "minReplicaCount 0 became 1: no trigger that was carried over is seen at size 0");
}

}  // namespace

std::optional<WorkloadDraft> draft_scaled_object(const ObjectPlace& object) {
  WorkloadDraft draft;
  read_target(object, draft);
  const ObjectPlace spec = object["spec"];
  if (draft.target.empty()) {
    object.remark("has no spec.scaleTargetRef.name: left out");
    return std::nullopt;
  }
  read_bounds(spec, draft);
  if (draft.max < 1 || draft.min > draft.max) {
    object.remark("minReplicaCount " + std::to_string(draft.min) + " and maxReplicaCount " +
                  std::to_string(draft.max) + " are no bounds: left out");
    return std::nullopt;
  }
  size_t index = 0;
  for (const ObjectPlace& trigger : spec["triggers"].items()) add_trigger(trigger, ++index, draft);
  if (draft.policies.empty()) {
    object.remark("none of its triggers could be carried over: left out");
    return std::nullopt;
  }
  check_zero(spec, draft);
  read_fallback(spec, draft);
  read_annotations(object, draft);
  say_what_is_lost(spec);
  draft.behavior = behavior_text(spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]);
  return draft;
}

}  // namespace autoscaler
