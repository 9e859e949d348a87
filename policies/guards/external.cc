#include "policies/guards/asking.h"
#include "policies/guards/guard.h"

namespace autoscaler {
namespace {

// A missing signal holds scaling in by its own whenMissing, as it does in a policy.
bool is_held_by_a_missing(const Mark& mark, const Scene& scene, const Decision& decision) {
  return decision.signals[mark.signal].missing &&
         fall_back(scene.spec.signals[mark.signal].when_missing,
                   memory_at(scene.recent.signals, mark.signal), decision.from, scene.now)
             .blocks_in;
}

}  // namespace

void guard_external(const Scene& scene, Decision& decision) {
  const GuardsSpec& guards = scene.spec.guards;
  const auto blocks_in = [&](const Mark& mark) {
    return is_past(mark, scene, decision) || is_held_by_a_missing(mark, scene, decision);
  };
  const auto blocks_out = [&](const Mark& mark) { return is_past(mark, scene, decision); };
  if (decision.to < decision.from &&
      std::any_of(guards.block_in.begin(), guards.block_in.end(), blocks_in)) {
    no_scale_in(decision, Rule::kExternal);
  }
  if (decision.to > decision.from &&
      std::any_of(guards.block_out.begin(), guards.block_out.end(), blocks_out)) {
    no_scale_out(decision, Rule::kExternal);
  }
}

}  // namespace autoscaler
