#include "policies/guards/guard.h"

namespace autoscaler {
namespace {

using Guard = void (*)(const Scene& scene, Decision& decision);

// In this order, so that a decision which several would change names the first. What is known too
// little of comes first.
constexpr Guard kGuards[] = {
    guard_data_quality,  // a signal that may not say what it seems to
    guard_fresh_start,   // data quality: not a whole window seen yet
    guard_journal,       // data quality of another kind: nobody would remember
    guard_warmup,        // what was ordered has not shown yet what it does
    guard_bad_deploy,    // what is wrong is the service, not its size
    guard_ineffective,   // more of it has been tried
    guard_errors,
    guard_external,     // what the user knows of other parts
    guard_flap_budget,  // of what is left to do, how often
    guard_surge,        // and how much at once
};

}  // namespace

// The HPA has none of these: its first recommendation and its pod classes are what it has instead.
// But nothing may leave unremembered.
void guard(const Scene& scene, Decision& decision) {
  if (scene.spec.hpa) return guard_journal(scene, decision);
  for (const Guard one : kGuards) one(scene, decision);
}

}  // namespace autoscaler
