#pragma once

#include "tests/policies/scene_builder.h"

// Pods, their samples and a workload with one HPA metric.
namespace autoscaler::testing {

using Source = HpaMetricSpec::Source;
using Target = HpaMetricSpec::Target;
using Phase = PodFacts::Phase;

// A pod that has been ready for an hour, with one container that requests one core.
struct Pod {
  std::optional<int64_t> milli = {};  // its sample; nullopt: none
  Phase phase = Phase::kRunning;
  std::optional<bool> ready = true;
  Duration age = 1h;
  Duration ready_for = 59min;  // since the Ready condition last changed
  Duration sample_age = 0s;
  bool deleting = false;
  std::optional<int64_t> request = 1000;
};

struct Snapshot {
  Workload workload;
  std::vector<InstanceReading> readings;
};

inline Snapshot snapshot_of(const std::vector<Pod>& pods, int32_t size, bool usage) {
  Snapshot result;
  result.workload.size = result.workload.status_size = size;
  for (size_t i = 0; i < pods.size(); ++i) {
    const Pod& pod = pods[i];
    PodFacts facts;
    facts.phase = pod.phase;
    facts.deleting = pod.deleting;
    facts.started = kStart - pod.age;
    facts.ready = pod.ready;
    facts.ready_changed = kStart - pod.ready_for;
    PodFacts::Container container{"main", {}};
    if (pod.request) container.requests_milli = {{"cpu", *pod.request}, {"memory", *pod.request}};
    facts.containers = {container};
    result.workload.instances.push_back({instance_name(i), Lifecycle::kInService, facts});
    if (!pod.milli) continue;
    const Value value =
        usage ? Value{ContainerUsage{{{"main", *pod.milli}}}} : Value{Quantities{{*pod.milli}}};
    result.readings.push_back({instance_name(i), measured(value, kStart - pod.sample_age, 60s)});
  }
  return result;
}

inline HpaMetricSpec metric(Source source, Target kind, int64_t target) {
  HpaMetricSpec spec;
  spec.source = source;
  spec.resource = "cpu";
  spec.container = "main";
  spec.target_kind = kind;
  spec.target = target;
  return spec;
}

inline WorkloadSpec hpa_of(const HpaMetricSpec& rule) {
  WorkloadSpec spec = spec_of(rule);
  spec.signals[0].kind = SignalSpec::Kind::kQuantity;
  spec.hpa = HpaFlags{};
  return spec;
}

inline Decision decide(const WorkloadSpec& spec, const Snapshot& snapshot,
                       const Recent& recent = {}) {
  return evaluate(spec, snapshot.workload, {Signal{snapshot.readings}}, recent, kStart);
}

}  // namespace autoscaler::testing
