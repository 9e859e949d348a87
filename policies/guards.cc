#include "policies/quality.h"
#include "policies/stages.h"

#include <algorithm>

namespace autoscaler {
namespace {

// How long a workload has to have been seen before anything may be taken from it: the down window.
// With `behavior: none` there is no window that the user asked for, so one generation of readings
// must do: the longest age at which a signal of it still counts.
Duration fresh_window(const WorkloadSpec& spec) {
  if (spec.behavior) return spec.behavior->down.stabilization;
  Duration longest{0};
  for (const SignalSpec& signal : spec.signals) longest = std::max(longest, signal.max_age);
  return longest;
}

// A workload without first_seen has no start to be fresh from: a `decide` document that remembers
// nothing holds nothing.
bool is_fresh(const Scene& scene) {
  const auto first_seen = scene.recent.first_seen;
  return first_seen && scene.now - *first_seen < fresh_window(scene.spec);
}

// Failed instances do not warm up: one that never becomes ready stops blocking at its deadline.
bool is_warming(const Workload& workload) {
  return std::any_of(workload.instances.begin(), workload.instances.end(),
                     [](const Instance& instance) { return is_warming_up(instance.lifecycle); });
}

}  // namespace

void guard(const Scene& scene, Decision& decision) {
  const auto hold_if = [&decision](Rule rule, bool unsafe) {
    if (unsafe && decision.to < decision.from) move(decision, rule, decision.from);
  };
  // The HPA has neither a data-quality, a fresh-start nor a warm-up guard: its first recommendation
  // and its pod classes are what it has instead.
  const bool ours = !scene.spec.hpa;
  if (decision.to >= decision.from) return;
  hold_if(Rule::kDataQuality, ours && is_in_doubt(scene, decision));
  hold_if(Rule::kFreshStart, ours && is_fresh(scene));
  hold_if(Rule::kJournal, !scene.workload.journal_writable);
  hold_if(Rule::kWarmup, ours && is_warming(scene.workload));
}

}  // namespace autoscaler
