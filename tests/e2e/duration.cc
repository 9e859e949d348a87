#include "tests/e2e/duration.h"

#include <charconv>

namespace autoscaler::e2e {
namespace {

std::optional<double> seconds_per(std::string_view unit) {
  if (unit == "us") return 1e-6;
  if (unit == "ms") return 1e-3;
  if (unit == "s") return 1.0;
  if (unit == "m") return 60.0;
  if (unit == "h") return 3600.0;
  return std::nullopt;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  double number = 0;
  const char* end = text.data() + text.size();
  auto [rest, failure] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  // The cap keeps what follows well inside 64 bits of nanoseconds: a year.
  if (failure != std::errc() || number < 0 || number > 31'536'000) return std::nullopt;
  if (rest == end && number == 0) return Duration(0);
  auto unit = seconds_per({rest, static_cast<size_t>(end - rest)});
  if (!unit || number * *unit > 31'536'000) return std::nullopt;
  return from_seconds(number * *unit);
}

}  // namespace autoscaler::e2e
