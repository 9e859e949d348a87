#pragma once

#include "base/result.h"
#include "tests/e2e/duration.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace autoscaler::e2e {

struct Segment {
  Duration length;
  double rate;  // requests per second
};
using Schedule = std::vector<Segment>;

// "10s@20,20s@120": 20 per second for 10 s, then 120 per second for 20 s.
Result<Schedule> parse_steps(std::string_view text);

// Rows "timestamp,value" in seconds and requests per second, with or without a head line; each
// value holds until the next timestamp, the last one as long as the one before it. `speed` 60 plays
// an hour in a minute at unchanged rates, which `scale` multiplies.
Result<Schedule> parse_trace(std::string_view csv, double speed, double scale);

Duration total_length(const Schedule& schedule);

enum class Spacing { kUniform, kPoisson };

// When each request is to be sent, from the start of the schedule, in order. All of it is known
// before the first is sent: that is what makes the load open-loop. The same seed gives the same
// times. Uniform spacing sends exactly rate * length in a segment that starts on a whole request.
std::vector<Duration> arrivals(const Schedule& schedule, Spacing spacing, uint64_t seed);

}  // namespace autoscaler::e2e
