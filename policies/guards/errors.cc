#include "policies/guards/asking.h"
#include "policies/guards/guard.h"
#include "policies/track.h"

namespace autoscaler {
namespace {

using Meaning = SignalSpec::Meaning;

constexpr double kHighLoad = 0.8;  // of what a `track` policy aims at

bool is_too_high(const Scene& scene, const Decision& decision) {
  for (size_t i = 0; i < scene.spec.signals.size(); ++i) {
    const Meaning meaning = scene.spec.signals[i].meaning;
    if (meaning != Meaning::kErrors && meaning != Meaning::kOverload) continue;
    const auto& value = decision.signals[i].value;
    if (value && *value > *scene.spec.guards.errors) return true;
  }
  return false;
}

// Where no `track` policy can say, the word of the instances that refuse is taken.
bool is_load_high(const Scene& scene, const Decision& decision) {
  bool is_known = false;
  for (const Proposal& proposal : decision.proposals) {
    const auto* track = std::get_if<TrackSpec>(&scene.spec.policies[proposal.policy].rule);
    if (!track || !proposal.target) continue;
    const SignalValue& value = decision.signals[track->signal];
    if (!value.value) continue;
    is_known = true;
    if (ratio_to_target(*track, *proposal.target, scene, value) >= kHighLoad) return true;
  }
  return !is_known;
}

}  // namespace

// Errors make work light, and a service that fails looks idle: nothing is taken from it. More
// instances of what fails fail too: only a refusal for want of capacity asks for more of it.
void guard_errors(const Scene& scene, Decision& decision) {
  if (!scene.spec.guards.errors) return;
  if (decision.to < decision.from && is_too_high(scene, decision)) {
    no_scale_in(decision, Rule::kErrors);
  }
  if (decision.to <= decision.from) return;
  const bool is_overload = is_load_high(scene, decision);
  const auto is_silenced = [&](size_t signal) {
    const Meaning meaning = scene.spec.signals[signal].meaning;
    return meaning == Meaning::kErrors || (meaning == Meaning::kOverload && !is_overload);
  };
  if (const auto most = wanted_without(scene, decision, is_silenced)) {
    never_above(decision, Rule::kErrors, *most);
  }
}

}  // namespace autoscaler
