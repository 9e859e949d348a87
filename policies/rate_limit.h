#pragma once

#include "policies/recent.h"
#include "policies/spec.h"

#include <cstdint>
#include <vector>

namespace autoscaler {

// The furthest sizes that `rules` allow from `size` now, as autoscaling/v2 computes them. Changes
// of either direction younger than a policy's period are taken back first, so that a period is
// measured from where it began:
//
//   size 12 with +4 ten seconds ago and 100 % per 15 s: the period began at 8, so at most 16.
//
// Percentages round up on the way up, and towards zero on the way down. Never past `size`.
int32_t highest_allowed(const ScalingRules& rules, const std::vector<ScaleEvent>& events,
                        int32_t size, Instant now);
int32_t lowest_allowed(const ScalingRules& rules, const std::vector<ScaleEvent>& events,
                       int32_t size, Instant now);

}  // namespace autoscaler
