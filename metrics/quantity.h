#pragma once

#include "base/result.h"
#include "policies/time.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace autoscaler {

// A Kubernetes quantity ("250m", "1.5Gi", "12e6", "1") in milli-units. What is finer is rounded
// away from zero, as Kubernetes does: "1u" is 1. kInvalid with the remedy; kTooLarge past
// 2^63 - 1 milli-units.
Result<int64_t> parse_milli_quantity(std::string_view text);

// Canonical form: 250 is "250m", 1500000 is "1500", 2000000 is "2k".
std::string format_milli_quantity(int64_t milli);

// A duration as Go writes it: "1h30m", "0.5s", "-10ms", "0". Finer than a millisecond is cut off.
Result<Duration> parse_go_duration(std::string_view text);
std::string format_go_duration(Duration duration);  // always in seconds: "300s", "0.25s"

}  // namespace autoscaler
