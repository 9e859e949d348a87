#pragma once

#include "base/result.h"
#include "policies/time.h"

#include <string>
#include <string_view>

namespace autoscaler {

std::string format_instant(Instant at);  // 2026-11-22T10:00:00.000Z, as RFC 3339
// Any offset; finer than a millisecond is cut off. kInvalid with the remedy.
Result<Instant> parse_instant(std::string_view text);

}  // namespace autoscaler
