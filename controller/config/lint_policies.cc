#include "controller/config/lint_rules.h"
#include "controller/config/units.h"
#include "policies/inputs.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace autoscaler {
namespace {

// Kept in the journal as the demand, minute by minute, whether a policy uses them or not.
constexpr std::array<std::string_view, 4> kDemandSignals{"rps", "latency", "errors", "cpu"};
constexpr double kCoarse = 0.5;

std::string percent(double ratio) {
  return format_number(std::round(ratio * 1000) / 10) + "%";
}

bool may_scale_in(const PolicySpec& policy) {
  if (const auto* threshold = std::get_if<ThresholdSpec>(&policy.rule)) {
    return threshold->in.has_value();
  }
  if (const auto* step = std::get_if<StepSpec>(&policy.rule)) return step->in.has_value();
  if (const auto* schedule = std::get_if<ScheduleSpec>(&policy.rule)) {
    return schedule->size.has_value();
  }
  if (const auto* predict = std::get_if<PredictSpec>(&policy.rule)) {
    return predict->mode == PredictSpec::Mode::kFull;
  }
  return true;
}

struct Tolerances {
  double out, in;
};
Tolerances tolerances_of(const WorkloadSpec& spec, const TrackSpec& track) {
  const double usual = spec.hpa ? spec.hpa->tolerance : kTolerance;
  return {track.tolerance_out.value_or(usual), track.tolerance_in.value_or(usual)};
}

void lint_reach(const Linted& linted, const TrackSpec& track, const Cursor& place) {
  const WorkloadSpec& spec = linted.workload.spec;
  const double tolerance = tolerances_of(spec, track).out;
  const bool is_share = track.kind == TrackSpec::Target::kPerInstance;
  if (track.kind == TrackSpec::Target::kUtilization && spec.signals[track.signal].is_utilization &&
      track.target * (1 + tolerance) >= 1) {
    place.near("target").problem("never scales out: with a tolerance of " + percent(tolerance) +
                                 " '" + spec.signals[track.signal].name + "' would have to pass " +
                                 percent(track.target * (1 + tolerance)) +
                                 ": lower the target or the tolerance");
  }
  const auto& most = linted.measured.most_requests_per_second;
  if (!is_share || !most || spec.signals[track.signal].name != "rps") return;
  const double needed = std::ceil(*most / track.target);
  if (needed <= spec.bounds.max) return;
  place.near("perInstance")
      .problem("cannot be kept within replicas.max: the journal has " +
               format_number(std::round(*most)) + "/s at most, for " + format_number(needed) +
               " instances, and max is " + std::to_string(spec.bounds.max));
}

void lint_tolerance(const WorkloadSpec& spec, const TrackSpec& track, const Cursor& place) {
  const Tolerances tolerances = tolerances_of(spec, track);
  const double widest = std::max(tolerances.out, tolerances.in);
  if (widest < kCoarse) return;
  place.near("tolerance")
      .problem("is coarse: nothing happens before the signal is " + percent(widest) +
               " past its target" + (tolerances.in >= 1 ? ", and nothing is ever scaled in" : "") +
               "; 10% is usual");
}

// `place`: of the policy's own mapping, which has an `out`.
void lint_cooldown(const Linted& linted, Duration cooldown, const Cursor& place) {
  const auto& ready = linted.measured.time_to_ready;
  if (!ready || cooldown >= *ready) return;
  const Cursor out = place.child("out");
  (out.has("cooldown") ? out.child("cooldown") : place.near("cooldown"))
      .problem("is " + format_duration(cooldown) +
               ", shorter than the measured time to readiness (" +
               format_duration(std::chrono::ceil<std::chrono::seconds>(*ready)) +
               "): it adds again before what it added can help");
}

// A ratio is between 0 and 1, and so are the values at which its steps begin.
void lint_steps(const WorkloadSpec& spec, const std::optional<StepSpec::Rule>& rule,
                const char* key, const Cursor& place) {
  if (!rule || !spec.signals[rule->mark.signal].is_utilization) return;
  for (size_t i = 0; i < rule->steps.size(); ++i) {
    const double from = rule->steps[i].from;
    const double begins = rule->mark.above ? rule->mark.value + from : rule->mark.value - from;
    if (begins >= 0 && begins <= 1) continue;
    place.child(key).child("steps").item(i).problem("is never reached: '" +
                                                    spec.signals[rule->mark.signal].name +
                                                    "' would have to be " + percent(begins));
  }
}

void lint_policy(const Linted& linted, size_t index) {
  const PolicySpec& policy = linted.workload.spec.policies[index];
  const Cursor place = linted.policy(index);
  if (const auto* track = std::get_if<TrackSpec>(&policy.rule)) {
    lint_reach(linted, *track, place.child("track"));
    lint_tolerance(linted.workload.spec, *track, place.child("track"));
  } else if (const auto* threshold = std::get_if<ThresholdSpec>(&policy.rule)) {
    if (threshold->out) lint_cooldown(linted, threshold->out->cooldown, place.child("threshold"));
  } else if (const auto* step = std::get_if<StepSpec>(&policy.rule)) {
    if (step->out) lint_cooldown(linted, step->out->cooldown, place.child("step"));
    lint_steps(linted.workload.spec, step->out, "out", place.child("step"));
    lint_steps(linted.workload.spec, step->in, "in", place.child("step"));
  }
}

}  // namespace

void lint_signals(const Linted& linted) {
  const WorkloadSpec& spec = linted.workload.spec;
  std::vector<bool> used(spec.signals.size(), false);
  for (const PolicySpec& policy : spec.policies) {
    for (const uint16_t signal : signals_of(policy.rule)) used[signal] = true;
  }
  for (const auto* marks : {&spec.guards.block_in, &spec.guards.block_out}) {
    for (const Mark& mark : *marks) used[mark.signal] = true;
  }
  if (spec.slo) used[spec.slo->signal] = true;
  for (size_t i = 0; i < used.size(); ++i) {
    const std::string& name = spec.signals[i].name;
    const bool told = spec.signals[i].meaning != SignalSpec::Meaning::kOther;  // to the guards
    const bool kept = std::ranges::find(kDemandSignals, name) != kDemandSignals.end();
    if (used[i] || told || kept) continue;
    linted.place.child("signals").problem_at_key(
        name, "nothing uses it: it is read at every tick and only shown");
  }
}

void lint_policies(const Linted& linted) {
  const WorkloadSpec& spec = linted.workload.spec;
  if (spec.policies.empty()) return;
  const bool written = linted.place.has("policies");  // and not by the budget of the slo
  for (size_t i = 0; written && i < spec.policies.size(); ++i) lint_policy(linted, i);
  if (spec.bounds.min == spec.bounds.max) {
    linted.place.child("replicas")
        .problem("min and max are equal: no policy will ever change the size");
  } else if (std::ranges::none_of(spec.policies, may_scale_in)) {
    linted.place.problem_at_key("policies",
                                "none of them ever wants less, so that the size only grows: add "
                                "in: to a threshold, a track, or a schedule of size");
  }
  const auto& ready = linted.measured.time_to_ready;
  if (ready && spec.cooldown_out > Duration{0} && spec.cooldown_out < *ready) {
    linted.place.child("cooldown")
        .near("out")
        .problem("is " + format_duration(spec.cooldown_out) +
                 ", shorter than the measured time to readiness (" +
                 format_duration(std::chrono::ceil<std::chrono::seconds>(*ready)) +
                 "): the next step comes before the last one can help");
  }
}

}  // namespace autoscaler
