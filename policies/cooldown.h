#pragma once

#include "policies/recent.h"
#include "policies/spec.h"

#include <optional>

namespace autoscaler {

// What is left of the workload's own `cooldown`; nullopt: over, or there is none.
// `out` counts from the last scale-out; `in` from the last resize of either kind, so that what was
// just added is not taken away again.
std::optional<Duration> cooldown_out_left(const WorkloadSpec& spec, const Recent& recent,
                                          Instant now);
std::optional<Duration> cooldown_in_left(const WorkloadSpec& spec, const Recent& recent,
                                         Instant now);

}  // namespace autoscaler
