#pragma once

#include "policies/scene.h"

namespace autoscaler {

// What StepSpec wants: the change of the step in which the signal is, once it has been past its
// rule's mark for `samples` samples; otherwise as `threshold` does (the current size, or nothing
// without an `in` rule). What an out rule wants is never less than the size that stands, nor an in
// rule's more, exact sizes included.
//
//   mark 60 %, steps from 0 (add 1), from 10 % (add 2): 60 % adds 1, 69 % adds 1, 70 % adds 2.
//
// A percentage is cut off and then at least 1 and at least `minimum`: 25 % of 7 is 1.75, so 1; of 4
// with a minimum of 2 it is 2.
// In the cooldown after an `out`, what it added counts as part of a larger step: after +2, a step
// of 3 adds 1, and one of 2 nothing. `in` waits for the cooldowns of both, `out` not for that of
// `in`.
Proposal propose(const StepSpec& step, uint16_t policy, const Scene& scene,
                 const Readings& readings);

}  // namespace autoscaler
