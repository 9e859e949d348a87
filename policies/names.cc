#include "base/check.h"
#include "policies/decision.h"
#include "policies/recent.h"
#include "policies/workload.h"

#include <iterator>

// The names of every closed list: log fields, metric labels, JSON. Order follows the enums.
namespace autoscaler {
namespace {

template <typename Enum, size_t n>
const char* name_of(const char* const (&names)[n], Enum value) {
  const auto index = static_cast<size_t>(value);
  CHECK(index < n);
  return names[index];
}

}  // namespace

const char* missing_reason_name(MissingReason reason) {
  static constexpr const char* kNames[] = {
      "no_target",       "unreachable", "timeout",       "too_large",
      "malformed",       "bad_status",  "no_series",     "too_few_samples",
      "stale",           "not_finite",  "mixed_buckets", "low_coverage",
      "source_error",    "no_request",  "ambiguous",     "too_few_observations",
      "suspicious_zero", "clock_jump"};
  static_assert(std::size(kNames) == kMissingReasonCount);
  return name_of(kNames, reason);
}

const char* lifecycle_name(Lifecycle lifecycle) {
  static constexpr const char* kNames[] = {"requested",   "launching",  "ready",
                                           "warming",     "in_service", "draining",
                                           "terminating", "gone",       "failed"};
  static_assert(std::size(kNames) == kLifecycleCount);
  return name_of(kNames, lifecycle);
}

const char* abstain_reason_name(AbstainReason reason) {
  static constexpr const char* kNames[] = {
      "signal_missing",        "no_traffic",       "no_in_rule",      "held",
      "outside_window",        "bounds_only",      "too_few_samples", "latency_flat",
      "slo_not_met",           "forecast_only",    "forecast_stale",  "gate_learning",
      "gate_worse_than_naive", "gate_uncalibrated"};
  static_assert(std::size(kNames) == kAbstainReasonCount);
  return name_of(kNames, reason);
}

const char* doubt_name(Doubt doubt) {
  static constexpr const char* kNames[] = {"coverage", "stands_still", "restarted", "incomplete"};
  static_assert(std::size(kNames) == kDoubtCount);
  return name_of(kNames, doubt);
}

const char* capacity_evidence_name(CapacityEvidence evidence) {
  static constexpr const char* kNames[] = {
      "too_few_samples", "latency_flat", "slo_not_met", "knee", "fit", "fit_limited", "probe"};
  static_assert(std::size(kNames) == kCapacityEvidenceCount);
  return name_of(kNames, evidence);
}

const char* gate_name(Gate gate) {
  static constexpr const char* kNames[] = {"open", "learning", "worse_than_naive", "uncalibrated"};
  static_assert(std::size(kNames) == kGateCount);
  return name_of(kNames, gate);
}

const char* rule_name(Rule rule) {
  static constexpr const char* kNames[] = {"missing_signal", "stabilize_out", "stabilize_in",
                                           "forecast_hold",  "burst",         "rate_limit_out",
                                           "rate_limit_in",  "cooldown_out",  "cooldown_in",
                                           "data_quality",   "fresh_start",   "journal",
                                           "warmup",         "bad_deploy",    "ineffective",
                                           "errors",         "external",      "flap_budget",
                                           "surge",          "size_order",    "min",
                                           "schedule_min",   "max",           "schedule_max",
                                           "pause"};
  static_assert(std::size(kNames) == kRuleCount);
  return name_of(kNames, rule);
}

const char* reason_name(Reason reason) {
  static constexpr const char* kNames[] = {
      "on_target",      "no_answer",   "scale_out",     "scale_in",   "below_min",    "above_max",
      "missing_signal", "stabilized",  "forecast_hold", "burst",      "rate_limited", "cooldown",
      "data_quality",   "fresh_start", "journal",       "warmup",     "bad_deploy",   "ineffective",
      "errors",         "external",    "flap_budget",   "surge",      "at_min",       "at_max",
      "disabled",       "stopping",    "scheduled",     "size_order", "paused"};
  static_assert(std::size(kNames) == kReasonCount);
  return name_of(kNames, reason);
}

const char* outcome_name(Outcome outcome) {
  static constexpr const char* kNames[] = {"held", "applied", "skipped", "failed"};
  static_assert(std::size(kNames) == kOutcomeCount);
  return name_of(kNames, outcome);
}

}  // namespace autoscaler
