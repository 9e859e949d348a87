#include "policies/hpa.h"
#include "policies/hpa_replicas.h"

#include <cmath>

namespace autoscaler {
namespace {

using Source = HpaMetricSpec::Source;
using Target = HpaMetricSpec::Target;

constexpr int64_t kCapacity = 1000;  // of one instance in milli-units, as its request

HpaAnswer failed(MissingReason reason) {
  HpaAnswer answer;
  answer.missing = reason;
  return answer;
}

HpaMetricSpec metric_of(const TrackSpec& track, const SignalSpec& signal, bool of_pods) {
  HpaMetricSpec metric;
  metric.signal = track.signal;
  metric.target = milli_of(track.target);
  if (!of_pods) {
    metric.source = Source::kExternal;
    metric.target_kind =
        track.kind == TrackSpec::Target::kPerInstance ? Target::kAverageValue : Target::kValue;
  } else if (track.kind == TrackSpec::Target::kUtilization) {
    metric.source = Source::kResource;
    metric.resource = signal.name;
    metric.target_kind = Target::kUtilization;
    metric.target = std::llround(track.target * 100);
  } else {
    metric.source = Source::kPods;
    metric.target_kind = Target::kAverageValue;
  }
  return metric;
}

HpaAnswer of_instances(const HpaMetricSpec& metric, const Scene& scene, HpaTolerance tolerance,
                       std::span<const InstanceReading> readings) {
  if (scene.workload.instances.empty()) return failed(MissingReason::kNoTarget);
  HpaPods pods = classify_pods(metric, *scene.spec.hpa, scene.workload, readings, scene.now,
                               scene.spec.signals[metric.signal].max_age);
  for (HpaPod& pod : pods.pods) pod.request = kCapacity;
  return replicas_per_pod(metric, std::move(pods), tolerance, scene.workload.size);
}

HpaAnswer of_service(const HpaMetricSpec& metric, const Scene& scene, HpaTolerance tolerance,
                     const SignalValue& value) {
  if (!value.value) return failed(value.missing.value_or(MissingReason::kNoSeries));
  const int64_t total = milli_of(*value.value);
  if (metric.target_kind == Target::kAverageValue) {
    return replicas_of_average(total, metric.target, tolerance, scene.workload.status_size);
  }
  return replicas_of_value(total, metric.target, tolerance, scene.workload);
}

}  // namespace

Proposal propose_as_hpa(const TrackSpec& track, uint16_t policy, const Scene& scene,
                        const Readings& readings) {
  const SignalSpec& signal = scene.spec.signals[track.signal];
  const auto* rows = std::get_if<InstanceReadings>(&readings.raw[track.signal].readings);
  const bool of_pods = rows && !signal.over_targets;
  const HpaMetricSpec metric = metric_of(track, signal, of_pods);
  const HpaFlags& flags = *scene.spec.hpa;
  const HpaTolerance tolerance{track.tolerance_out.value_or(flags.tolerance),
                               track.tolerance_in.value_or(flags.tolerance)};
  const SignalValue& value = readings.values[track.signal];
  Proposal proposal = hpa_proposal(metric,
                                   of_pods ? of_instances(metric, scene, tolerance, *rows)
                                           : of_service(metric, scene, tolerance, value),
                                   policy);
  // In the signal's own unit, in which a ratio is no percentage.
  proposal.target = track.target;
  if (proposal.current && metric.target_kind == Target::kUtilization) *proposal.current /= 100;
  proposal.current_average.reset();
  proposal.sample_at = value.at;
  return proposal;
}

}  // namespace autoscaler
