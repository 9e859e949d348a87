#pragma once

#include "policies/stages.h"

#include <algorithm>

// Stage 6 of a decision, one file a guard; guards.cc has their order, docs/guards.md the stories
// that they prevent. A guard pulls the number towards the size that stands, with the helpers below
// and by no other way, or leaves no trace.
namespace autoscaler {

constexpr bool is_guard(Rule rule) {
  return rule >= Rule::kDataQuality && rule <= Rule::kSurge;
}

void guard_data_quality(const Scene& scene, Decision& decision);
void guard_fresh_start(const Scene& scene, Decision& decision);
void guard_journal(const Scene& scene, Decision& decision);
void guard_warmup(const Scene& scene, Decision& decision);
void guard_bad_deploy(const Scene& scene, Decision& decision);
void guard_ineffective(const Scene& scene, Decision& decision);
void guard_errors(const Scene& scene, Decision& decision);
void guard_external(const Scene& scene, Decision& decision);
void guard_flap_budget(const Scene& scene, Decision& decision);
void guard_surge(const Scene& scene, Decision& decision);

inline void never_below(Decision& decision, Rule rule, int32_t least) {
  if (decision.to >= decision.from) return;
  move(decision, rule, std::clamp(least, decision.to, decision.from));
}
inline void never_above(Decision& decision, Rule rule, int32_t most) {
  if (decision.to <= decision.from) return;
  move(decision, rule, std::clamp(most, decision.from, decision.to));
}
inline void no_scale_in(Decision& decision, Rule rule) {
  never_below(decision, rule, decision.from);
}
inline void no_scale_out(Decision& decision, Rule rule) {
  never_above(decision, rule, decision.from);
}

}  // namespace autoscaler
