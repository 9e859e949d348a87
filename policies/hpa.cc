#include "policies/hpa.h"

#include "policies/counts.h"
#include "policies/hpa_replicas.h"
#include "policies/stages.h"

namespace autoscaler {
namespace {

using Source = HpaMetricSpec::Source;
using Target = HpaMetricSpec::Target;

// `tolerance` of each direction's rules, or the flag for both.
HpaTolerance tolerance_of(const WorkloadSpec& spec, const HpaFlags& flags) {
  HpaTolerance tolerance{flags.tolerance, flags.tolerance};
  if (spec.behavior) {
    tolerance.out = spec.behavior->up.tolerance.value_or(flags.tolerance);
    tolerance.in = spec.behavior->down.tolerance.value_or(flags.tolerance);
  }
  return tolerance;
}

HpaAnswer failed(MissingReason reason) {
  HpaAnswer answer;
  answer.missing = reason;
  return answer;
}

HpaAnswer per_pod(const HpaMetricSpec& metric, const Scene& scene, const HpaFlags& flags,
                  std::span<const InstanceReading> readings) {
  if (readings.empty()) return failed(MissingReason::kNoSeries);
  if (scene.workload.instances.empty()) return failed(MissingReason::kNoTarget);
  HpaPods pods = classify_pods(metric, flags, scene.workload, readings, scene.now);
  if (metric.target_kind == Target::kUtilization && !read_requests(metric, scene.workload, pods)) {
    return failed(MissingReason::kNoRequest);
  }
  return replicas_per_pod(metric, std::move(pods), tolerance_of(scene.spec, flags),
                          scene.workload.size);
}

// All series of an External metric are added up.
HpaAnswer for_service(const HpaMetricSpec& metric, const Scene& scene, const HpaFlags& flags,
                      const Measured& measured) {
  const auto* quantities = std::get_if<Quantities>(&measured.value);
  if (!quantities || quantities->milli.empty()) return failed(MissingReason::kNoSeries);
  int64_t total = 0;
  for (const int64_t milli : quantities->milli) total = saturating_add(total, milli);
  const HpaTolerance tolerance = tolerance_of(scene.spec, flags);
  if (metric.target_kind == Target::kAverageValue) {
    return replicas_of_average(total, metric.target, tolerance, scene.workload.status_size);
  }
  return replicas_of_value(total, metric.target, tolerance, scene.workload);
}

HpaAnswer answer_of(const HpaMetricSpec& metric, const Scene& scene, const Signal& signal) {
  const HpaFlags flags = scene.spec.hpa.value_or(HpaFlags{});
  const bool of_pods = metric.source != Source::kObject && metric.source != Source::kExternal;
  if (const auto* readings = std::get_if<InstanceReadings>(&signal.readings)) {
    return of_pods ? per_pod(metric, scene, flags, *readings) : failed(MissingReason::kMalformed);
  }
  const auto& reading = std::get<Reading>(signal.readings);
  if (const auto* missing = std::get_if<Missing>(&reading)) return failed(missing->reason);
  return of_pods ? failed(MissingReason::kMalformed)
                 : for_service(metric, scene, flags, std::get<Measured>(reading));
}

}  // namespace

bool settled_before_metrics(const Scene& scene, Decision& decision) {
  const ActiveBounds active = active_bounds(scene);
  const Bounds& bounds = active.bounds;
  const int32_t size = decision.from;
  decision.to = decision.combined = size;
  if (size == 0 && (bounds.min != 0 || !scene.spec.hpa->starts_from_zero)) {
    decision.reason = Reason::kDisabled;
  } else if (size > bounds.max) {
    move(decision, active.max_by ? Rule::kScheduleMax : Rule::kMax, bounds.max, active.max_by);
    decision.reason = active.max_by ? Reason::kScheduled : Reason::kAboveMax;
  } else if (size < bounds.min) {
    move(decision, active.min_by ? Rule::kScheduleMin : Rule::kMin, bounds.min, active.min_by);
    decision.reason = active.min_by ? Reason::kScheduled : Reason::kBelowMin;
  } else {
    return false;
  }
  decision.remember = false;
  return true;
}

Proposal hpa_proposal(const HpaMetricSpec& metric, const HpaAnswer& answer, uint16_t policy) {
  const double unit = metric.target_kind == Target::kUtilization ? 1 : 1000;
  Proposal proposal;
  proposal.policy = policy;
  proposal.signal = static_cast<uint16_t>(metric.signal);
  proposal.target = static_cast<double>(metric.target) / unit;
  if (answer.reported) proposal.current = static_cast<double>(*answer.reported) / unit;
  if (answer.reported_average) {
    proposal.current_average = static_cast<double>(*answer.reported_average) / 1000;
  }
  proposal.replicas = answer.replicas;
  if (!answer.replicas) {
    proposal.missing = answer.missing;
    proposal.abstain = AbstainReason::kHeld;
    proposal.blocks_in = true;
  }
  return proposal;
}

Proposal propose(const HpaMetricSpec& metric, uint16_t policy, const Scene& scene,
                 const Readings& readings) {
  return hpa_proposal(metric, answer_of(metric, scene, readings.raw[metric.signal]), policy);
}

}  // namespace autoscaler
