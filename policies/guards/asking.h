#pragma once

#include "policies/scene.h"
#include "policies/when_missing.h"

#include <algorithm>

// Who asks for a size, and for the sake of which signal.
namespace autoscaler {

// Whether `mark` is past. No traffic is low. Of a missing signal nothing is past, unless its last
// value speaks on.
inline bool is_past(const Mark& mark, const Scene& scene, const Decision& decision) {
  const SignalValue& read = decision.signals[mark.signal];
  if (read.idle) return !mark.above;
  std::optional<double> value = read.value;
  if (read.missing) {
    value = fall_back(scene.spec.signals[mark.signal].when_missing,
                      memory_at(scene.recent.signals, mark.signal), decision.from, scene.now)
                .value;
  }
  return value && (mark.above ? *value > mark.value : *value < mark.value);
}

// The most that is asked for where `is_silenced(signal)` signals count for nothing, at least the
// size that stands; nullopt: nobody asks for their sake. A rule of `all` marks is asked for by each
// of them.
template <typename IsSilenced>
std::optional<int32_t> wanted_without(const Scene& scene, const Decision& decision,
                                      IsSilenced is_silenced) {
  const auto asks_still = [&](const Proposal& proposal) {
    // What whenMissing wants in a signal's place was asked for by the user.
    if (proposal.missing && !proposal.past_out) return true;
    const auto* threshold = std::get_if<ThresholdSpec>(&scene.spec.policies[proposal.policy].rule);
    if (!threshold || !threshold->out || !proposal.past_out) {
      return !proposal.signal || !is_silenced(*proposal.signal);
    }
    const auto& out = *threshold->out;
    return std::any_of(out.marks.begin(), out.marks.end(), [&](const Mark& mark) {
      return !is_silenced(mark.signal) && (out.all || is_past(mark, scene, decision));
    });
  };
  int32_t most = decision.from;
  bool is_any_silenced = false;
  for (const Proposal& proposal : decision.proposals) {
    if (proposal.replicas.value_or(0) <= decision.from) continue;
    if (asks_still(proposal)) {
      most = std::max(most, *proposal.replicas);
    } else {
      is_any_silenced = true;
    }
  }
  return is_any_silenced ? std::optional(most) : std::nullopt;
}

}  // namespace autoscaler
