#include "policies/evaluate.h"

#include "base/check.h"
#include "policies/aggregate.h"
#include "policies/formula.h"
#include "policies/hpa.h"
#include "policies/predict/predict_policy.h"
#include "policies/schedule_policy.h"
#include "policies/stages.h"
#include "policies/step.h"
#include "policies/threshold.h"
#include "policies/track.h"
#include "policies/vitals.h"

namespace autoscaler {

namespace {

void note_what_guards_need(const Scene& scene, Decision& decision) {
  if (!scene.spec.guards.bad_deploy && !scene.spec.guards.ineffective) return;
  decision.vitals = vitals_of(scene, {decision.signals.data(), decision.signals.size()});
  decision.time_to_ready = scene.workload.time_to_ready;
}

void propose_all(const Scene& scene, const Signals& signals, Decision& decision) {
  const Readings readings{signals, {decision.signals.data(), decision.signals.size()}};
  decision.proposals.reserve(scene.spec.policies.size());
  for (size_t i = 0; i < scene.spec.policies.size(); ++i) {
    decision.proposals.push_back(std::visit(
        [&](const auto& rule) { return propose(rule, static_cast<uint16_t>(i), scene, readings); },
        scene.spec.policies[i].rule));
  }
}

// From the guards' number to the end: what operators and the user hold, whatever came before.
void hold_to_orders(const Scene& scene, Decision& decision) {
  order_size(scene, decision);
  bound(scene, decision);
  pause(scene, decision);
}

// The HPA's answer before it looks at any metric, if it has one.
bool settle_before_metrics(const Scene& scene, Decision& decision) {
  if (!scene.spec.hpa || !settled_before_metrics(scene, decision)) return false;
  const size_t adjustments = decision.adjustments.size();
  order_size(scene, decision);
  pause(scene, decision);
  if (decision.adjustments.size() != adjustments) decision.reason = reason_for(decision);
  return true;
}

// Stages 2 to 8: from the proposals to the size.
void run_stages(const Scene& scene, Decision& decision) {
  combine(scene, decision);
  if (decision.remember) {
    stabilize(scene, decision);
    lift_for_burst(scene, decision);
    limit_rate(scene, decision);
    cool_down(scene, decision);
  }
  guard(scene, decision);
  hold_to_orders(scene, decision);
}

// What would have been decided without the rule that had the last word: the stages once more, which
// move nothing by it.
void ask_what_binds(const Scene& scene, Decision& decision) {
  if (decision.adjustments.empty()) return;
  const auto adjustments = decision.adjustments;
  const int32_t to = decision.to;
  const int32_t combined = decision.combined;
  const bool remember = decision.remember;
  decision.waived = adjustments.back().rule;
  decision.adjustments.clear();
  run_stages(scene, decision);
  const int32_t without = decision.to;

  decision.waived.reset();
  decision.to = to;
  decision.combined = combined;
  decision.remember = remember;
  decision.adjustments = adjustments;
  decision.adjustments.back().without = without;
}

// The size, its reason, and what binds it.
void finish(const Scene& scene, Decision& decision) {
  run_stages(scene, decision);
  decision.reason = reason_for(decision);
  ask_what_binds(scene, decision);
}

}  // namespace

SignalValues read_signals(const WorkloadSpec& spec, const Workload& workload,
                          const Signals& signals, const Recent& recent, Instant now) {
  CHECK(signals.size() == spec.signals.size());
  const auto& specs = spec.signals;
  SignalValues values(signals.size());
  // Zeros of the others are held against what the signals say that show load.
  std::optional<bool> load;
  for (const bool shows_load : {true, false}) {
    for (size_t i = 0; i < signals.size(); ++i) {
      if (specs[i].shows_load != shows_load) continue;
      const Surroundings around{memory_at(recent.signals, i), load};
      SignalValue& value = values[i] =
          aggregate(specs[i], signals[i], workload.instances, now, around);
      if (shows_load && value.value) load = load.value_or(false) || *value.value > 0;
    }
  }
  return values;
}

Decision evaluate(const WorkloadSpec& spec, const Workload& workload, const Signals& signals,
                  const Recent& recent, Instant now) {
  const Scene scene{spec, workload, recent, now};
  Decision decision;
  decision.from = decision.to = decision.combined = workload.size;
  decision.signals = read_signals(spec, workload, signals, recent, now);
  note_what_guards_need(scene, decision);
  if (settle_before_metrics(scene, decision)) return decision;
  propose_all(scene, signals, decision);
  finish(scene, decision);
  return decision;
}

Decision limit(const WorkloadSpec& spec, const Workload& workload, const Decision& combined,
               int32_t size, const Recent& recent, Instant now) {
  const Scene scene{spec, workload, recent, now};
  Decision decision = combined;
  decision.from = size;
  decision.adjustments.clear();
  if (settle_before_metrics(scene, decision)) return decision;
  finish(scene, decision);
  return decision;
}

}  // namespace autoscaler
