#pragma once

#include "policies/scene.h"

namespace autoscaler {

// The stages after the proposals, in the order in which evaluate runs them. Each looks at the
// scene, moves Decision::to if it must, and says so with an Adjustment. A stage that does not move
// the number leaves no trace.

// 2. The largest proposal; a missing signal that blocks keeps it from being a scale-in. Ties go to
// the policy first by name, so that the order in the config changes nothing.
void combine(const Scene& scene, Decision& decision);

// 3. `behavior` windows: never above the lowest recommendation of the up window, never below the
// highest of the down window, and never past the current size because of either.
void stabilize(const Scene& scene, Decision& decision);

// 3. What a burst lifts: the windows that would hold its wish back, and every scale-in.
void lift_for_burst(const Scene& scene, Decision& decision);

// 4. `behavior` rate policies.
void limit_rate(const Scene& scene, Decision& decision);

// 5. The workload's own `cooldown: {out, in}`.
void cool_down(const Scene& scene, Decision& decision);

// 6. What makes a change unsafe now (guards/guard.h): each can only pull the number towards the
// size that stands.
void guard(const Scene& scene, Decision& decision);

// The size that an operator ordered stands in for what policies want; the workload's own bounds and
// a pause come after it. Without a journal it takes nothing away.
void order_size(const Scene& scene, Decision& decision);

// 7. `replicas: {min, max}`, narrowed by schedules, always and at once. A size that an operator
// ordered is held to replicas alone.
void bound(const Scene& scene, Decision& decision);

// 8. `pause`: back to the current size. It wins over bounds; those that are violated show as
// adjustments before it.
void pause(const Scene& scene, Decision& decision);

// Why the finished decision is what it is.
Reason reason_for(const Decision& decision);

// Moves the number, with its trace.
inline void move(Decision& decision, Rule rule, int32_t after,
                 std::optional<uint16_t> policy = std::nullopt) {
  if (after == decision.to || decision.waived == rule) return;
  decision.adjustments.push_back({rule, decision.to, after, std::nullopt, policy});
  decision.to = after;
}

}  // namespace autoscaler
