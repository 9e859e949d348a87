#include "policies/guards/guard.h"

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

}  // namespace

// A workload without first_seen has no start to be fresh from: a `decide` document that remembers
// nothing holds nothing.
void guard_fresh_start(const Scene& scene, Decision& decision) {
  const auto first_seen = scene.recent.first_seen;
  const bool is_fresh = first_seen && scene.now - *first_seen < fresh_window(scene.spec);
  if (is_fresh) no_scale_in(decision, Rule::kFreshStart);
}

}  // namespace autoscaler
