#include "policies/recent.h"

#include "policies/burst.h"
#include "policies/marks.h"
#include "policies/predict/predict_policy.h"
#include "policies/quality.h"
#include "policies/threshold.h"
#include "policies/trial.h"
#include "policies/vitals.h"

#include <algorithm>

namespace autoscaler {
namespace {

Duration longest_window(const WorkloadSpec& spec) {
  Duration longest = may_brake_by_forecast(spec) ? kForecastWindow : Duration{0};
  if (spec.behavior) {
    return std::max({longest, spec.behavior->up.stabilization, spec.behavior->down.stabilization});
  }
  return spec.hpa ? spec.hpa->downscale_stabilization : longest;
}

Duration longest_period(const WorkloadSpec& spec) {
  Duration longest{0};
  if (!spec.behavior) return longest;
  for (const ScalingRules* rules : {&spec.behavior->up, &spec.behavior->down}) {
    for (const auto& policy : rules->policies) longest = std::max(longest, policy.period);
  }
  return longest;
}

template <typename Is>
void erase_if(Recent::List<Recommendation>& runs, Is is) {
  runs.erase(std::remove_if(runs.begin(), runs.end(), is), runs.end());
}

// Minutes of restless wishes are many. Windows on the way in ask for the highest alone: a run
// before one that is as high never speaks again, once it is past the window on the way up.
void forget_what_is_surpassed(const WorkloadSpec& spec, Instant now, Recent& recent) {
  auto& runs = recent.recommendations;
  const Duration up = spec.behavior ? spec.behavior->up.stabilization : Duration{0};
  const Recommendation newest = runs.back();
  erase_if(runs, [&](const Recommendation& run) {
    return run.replicas <= newest.replicas && run.last < newest.last && run.last <= now - up;
  });
}

void remember_recommendation(const WorkloadSpec& spec, int32_t replicas, Instant now,
                             Recent& recent) {
  auto& runs = recent.recommendations;
  if (!runs.empty() && runs.back().replicas == replicas) {
    runs.back().last = now;
  } else {
    runs.push_back({now, now, replicas});
  }
  const Instant oldest = now - longest_window(spec);
  erase_if(runs, [oldest](const Recommendation& run) { return run.last < oldest; });
  if (may_brake_by_forecast(spec)) forget_what_is_surpassed(spec, now, recent);
}

// The direction in which `bound_by` moved the size; 0 when a bound, a guard or nobody did.
int bound_direction(const Decision& decision) {
  if (decision.reason == Reason::kSizeOrder) return 0;
  if (decision.to > decision.from && decision.combined > decision.from) return 1;
  if (decision.to < decision.from && decision.combined < decision.from) return -1;
  return 0;
}

// Bounds that had to be repaired, or that a schedule moved, are nobody's reaction to load: the real
// one that follows must not wait for it. The HPA counts them all the same.
bool is_repair(const WorkloadSpec& spec, const Decision& decision) {
  return !spec.hpa &&
         (decision.reason == Reason::kBelowMin || decision.reason == Reason::kAboveMax ||
          decision.reason == Reason::kScheduled);
}

// What a step added in the cooldown of its `out`.
void remember_added(const PolicySpec& policy, const Decision& decision, Instant now,
                    PolicyMemory& memory) {
  const auto* step = std::get_if<StepSpec>(&policy.rule);
  if (!step) return;
  const bool goes_on = decision.to > decision.from && step->out &&
                       is_cooling(memory.last_out, step->out->cooldown, now);
  memory.added = (goes_on ? memory.added : 0) + std::max(0, decision.to - decision.from);
}

// A scale-out after a scale-in, or the other way round.
void remember_turn(bool is_out, Instant now, Recent& recent) {
  constexpr size_t kMost = 64;  // above any budget
  const auto same = is_out ? recent.last_out : recent.last_in;
  const auto other = is_out ? recent.last_in : recent.last_out;
  if (!other || (same && *same >= *other)) return;
  if (recent.turns.size() == kMost) recent.turns.erase(recent.turns.begin());
  recent.turns.push_back(now);
}

void remember_resize(const WorkloadSpec& spec, const Decision& decision, Instant now,
                     Recent& recent) {
  if (is_repair(spec, decision)) return;
  if (spec.guards.flap_budget) remember_turn(decision.to > decision.from, now, recent);
  (decision.to > decision.from ? recent.last_out : recent.last_in) = now;
  if (spec.behavior) recent.events.push_back({now, decision.to - decision.from});
  // Any scale-out while a signal is missing is a step towards the maximum.
  for (SignalMemory& signal : recent.signals) {
    if (signal.missing_since && decision.to > decision.from) signal.last_step = now;
  }

  const int direction = bound_direction(decision);
  if (direction == 0 || !decision.bound_by) return;
  PolicyMemory& memory = recent.policies[*decision.bound_by];
  remember_added(spec.policies[*decision.bound_by], decision, now, memory);
  (direction > 0 ? memory.last_out : memory.last_in) = now;
  memory.past_out_samples = 0;
  memory.past_in_samples = 0;
}

void remember_for_guards(const WorkloadSpec& spec, const Decision& decision, bool applied,
                         Instant now, Recent& recent) {
  remember_vitals(decision.vitals, now, recent.vitals);
  advance_trials(spec, decision, applied, now, recent);
  recent.suspicion = decision.suspicion;
  const Instant oldest = now - std::chrono::hours(1);
  std::erase_if(recent.turns, [oldest](Instant at) { return at <= oldest; });
}

void remember_signal(const SignalSpec& spec, const SignalValue& signal, Instant now,
                     SignalMemory& memory) {
  remember_load(signal, now, memory);
  remember_outage(spec, signal, now, memory);
  if (signal.missing) {
    if (!memory.missing_since) memory.missing_since = now;
    return;
  }
  memory.missing_since.reset();
  memory.last_step.reset();
  if (signal.value) {
    memory.last_value = signal.value;
    memory.last_value_at = signal.at;
    memory.last_reporting = signal.reporting;
  }
}

}  // namespace

Recent first_sight(const WorkloadSpec& spec, int32_t size, Instant now) {
  Recent recent;
  recent.first_seen = now;
  recent.recommendations.push_back({now, now, size});
  recent.policies.resize(spec.policies.size());
  recent.signals.resize(spec.signals.size());
  return recent;
}

void record(const WorkloadSpec& spec, const Decision& decision, Outcome outcome, Instant now,
            Recent& recent) {
  recent.policies.resize(spec.policies.size());
  recent.signals.resize(spec.signals.size());
  for (size_t i = 0; i < decision.signals.size(); ++i) {
    remember_signal(spec.signals[i], decision.signals[i], now, recent.signals[i]);
  }
  for (const Proposal& proposal : decision.proposals) {
    PolicyMemory& memory = recent.policies[proposal.policy];
    memory = count_sample(memory, proposal);
    remember_burst(proposal, now, memory);
  }
  if (decision.remember) remember_recommendation(spec, decision.combined, now, recent);
  const bool applied = outcome == Outcome::kApplied && decision.to != decision.from;
  if (applied) remember_resize(spec, decision, now, recent);
  remember_for_guards(spec, decision, applied, now, recent);
  const Instant oldest = now - longest_period(spec);
  std::erase_if(recent.events, [oldest](const ScaleEvent& event) { return event.at <= oldest; });
}

}  // namespace autoscaler
