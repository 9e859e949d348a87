#pragma once

#include "policies/time.h"

#include <string>

namespace autoscaler {

// 2026-11-22T10:00:00.123000Z: an API server takes dates of this kind with six digits alone.
std::string micro_time(Instant at);
// 2026-11-22T10:00:00Z, as metadata has it.
std::string seconds_text(Instant at);

}  // namespace autoscaler
