#pragma once

#include "policies/scene.h"

namespace autoscaler {

// `size` while a window is open. A schedule that sets bounds alone, or has no open window, abstains
// and blocks nothing.
Proposal propose(const ScheduleSpec& schedule, uint16_t policy, const Scene& scene,
                 const Readings& readings);

bool has_schedule(const WorkloadSpec& spec);

}  // namespace autoscaler
