#include "policies/guards/guard.h"

#include <algorithm>

namespace autoscaler {

// Once an hour has seen its number of turns, the next one waits until the oldest is an hour old.
// Growing is never held, and neither is a scale-in that goes on: neither is a turn that costs.
void guard_flap_budget(const Scene& scene, Decision& decision) {
  const auto& budget = scene.spec.guards.flap_budget;
  if (!budget || decision.to >= decision.from) return;
  const Recent& recent = scene.recent;
  const bool is_turn = recent.last_out && (!recent.last_in || *recent.last_out > *recent.last_in);
  if (!is_turn) return;
  const auto turns = std::count_if(recent.turns.begin(), recent.turns.end(), [&](Instant at) {
    return at > scene.now - std::chrono::hours(1);
  });
  if (turns >= *budget) no_scale_in(decision, Rule::kFlapBudget);
}

}  // namespace autoscaler
