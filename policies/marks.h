#pragma once

#include "policies/scene.h"
#include "policies/when_missing.h"

namespace autoscaler {

// One look of a policy at the signals that it holds against marks. What it finds missing it notes
// in the proposal, with what the signal's whenMissing says.
class MarkedSignals {
 public:
  MarkedSignals(const Scene& scene, const Readings& readings, Proposal& proposal)
      : scene_(scene), readings_(readings), proposal_(proposal) {}

  struct Seen {
    std::optional<double> value;  // nullopt: idle, or missing
    bool idle = false;
    bool left_out = false;  // whenMissing: ignore
  };
  Seen see(size_t signal);

 private:
  void note(MissingReason reason, const Fallback& fallback);

  const Scene& scene_;
  const Readings& readings_;
  Proposal& proposal_;
};

// Its signal is held, or none is left to look at: the policy has nothing to say about the size.
bool is_blind(const Proposal& proposal);

// Puts what the rules want (nullopt: nothing) into a proposal whose signals were seen. A fallback
// that named a number (floor, size, towardsMax) is the least that is wanted.
void settle(std::optional<int32_t> wanted, Proposal& proposal);

// Within the cooldown that began at `since`.
inline bool is_cooling(std::optional<Instant> since, Duration cooldown, Instant now) {
  return since && now - *since < cooldown;
}

}  // namespace autoscaler
