#pragma once

#include "policies/scene.h"

namespace autoscaler {

// What ThresholdSpec wants: current + step once the `out` marks have been past for `samples`
// samples, current - step once the `in` marks have; out wins; otherwise the current size, or
// nothing without an `in` rule.
// - A sample is a reading newer than the last one seen. A tick without one counts nothing, and a
//   resize that this policy bound starts the count again.
// - No traffic is low: past an `in` mark that is `below`, never past any other.
// - A missing signal is past no mark. Under whenMissing: ignore its mark is left out instead.
// - Instances that warm up count as added already: a step is from the size without them, and never
//   to less than the size that stands.
// - Its cooldown holds `out` after an `out`, and `in` after either: load that rises again right
//   after a scale-in is answered at once.
// `policy` is its index in WorkloadSpec::policies, where its memory is.
Proposal propose(const ThresholdSpec& threshold, uint16_t policy, const Scene& scene,
                 const Readings& readings);

// The counts after one more tick; `record` stores what `propose` decided from.
PolicyMemory count_sample(PolicyMemory memory, const Proposal& proposal);

// Instances that a change means at this size: a percentage is rounded away from zero, and a change
// is never less than 1.
int32_t instances_of(const SizeChange& change, int32_t size);

}  // namespace autoscaler
