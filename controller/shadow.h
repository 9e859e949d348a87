#pragma once

#include "controller/fleet.h"
#include "policies/decision.h"

namespace autoscaler {

// Moves the shadow of a dry-run by one tick: what the policies want now (`decision.combined`) goes
// through the stages after Combine from the shadow's own size and memory, and what it adds counts
// after the measured time to readiness. Starts at the real size on first sight.
//
// The proposals stay those of the real size: a step policy that says "2 more" says it of what is
// there, so under load beyond the real size a step's shadow is a lower bound; track's is exact.
void advance_shadow(const WorkloadSpec& spec, const Workload& workload, const Decision& decision,
                    Instant now, WorkloadMemory& memory);

// Instances that the shadow has ready at `now`.
int32_t shadow_size(const Shadow& shadow, Instant now);

}  // namespace autoscaler
