#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace autoscaler::e2e {

using Duration = std::chrono::nanoseconds;

// "50ms", "1.5s", "2m", "1h", "250us". A number without a unit is none, except "0".
std::optional<Duration> parse_duration(std::string_view text);

constexpr double seconds(Duration d) {
  return std::chrono::duration<double>(d).count();
}
constexpr Duration from_seconds(double s) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(s));
}

}  // namespace autoscaler::e2e
