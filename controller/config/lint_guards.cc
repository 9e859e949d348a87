#include "controller/config/lint_rules.h"

#include <algorithm>

namespace autoscaler {
namespace {

using Meaning = SignalSpec::Meaning;

bool tells(const WorkloadSpec& spec, std::initializer_list<Meaning> meanings) {
  return std::any_of(spec.signals.begin(), spec.signals.end(), [&](const SignalSpec& signal) {
    return std::find(meanings.begin(), meanings.end(), signal.meaning) != meanings.end();
  });
}

}  // namespace

// Both tell more load from a service that got worse, and with neither load nor work they say
// nothing.
void lint_guards(const Linted& linted) {
  const WorkloadSpec& spec = linted.workload.spec;
  const bool compares = spec.guards.bad_deploy || spec.guards.ineffective;
  if (spec.hpa || spec.policies.empty() || !compares) return;
  if (!tells(spec, {Meaning::kLatency, Meaning::kErrors, Meaning::kOverload})) return;
  if (tells(spec, {Meaning::kLoad, Meaning::kWork})) return;
  linted.place.problem_at_key(
      "signals",
      "the guards badDeploy and ineffective are silent: no signal tells how much load there is. "
      "Add "
      "requests per second or CPU, write means: load or means: work to the signal that says it, or "
      "switch the two off");
}

}  // namespace autoscaler
