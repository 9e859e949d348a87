#pragma once

#include "policies/forecast/minute_ring.h"

#include <cstdint>
#include <optional>

namespace autoscaler {

// The period shorter than a day, of whole hours up to 12, that the last day shows best; nullopt:
// none that stands out. By the autocorrelation, which must be above 0.3 and above that of its
// neighbours. Some 50 us: once a day.
std::optional<int64_t> period_of(const MinuteRing& ring, const LogScale& scale);

}  // namespace autoscaler
