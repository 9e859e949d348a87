#pragma once

#include "policies/schedule.h"

#include <optional>
#include <string>

namespace autoscaler {

// The clock of a time zone. Behind it stands a database, which is not read here.
class ZoneClock {
 public:
  virtual ~ZoneClock() = default;
  // The first instant at which the clock shows `local`, or has passed it: a minute that it skips is
  // the moment of the jump, one that it shows twice is the first of the two.
  virtual Instant instant_of(LocalMinute local) const = 0;
  virtual std::chrono::local_time<Duration> local_of(Instant at) const = 0;
  virtual std::string abbreviation(Instant at) const = 0;  // "CET"
};

struct TimeSpan {
  Instant opens;
  Instant closes;

  bool operator==(const TimeSpan&) const = default;
};

// The earliest window that closes after `after`. One that begins and ends within a skipped hour
// does not exist. nullopt: there is none any more.
std::optional<TimeSpan> first_window(const ScheduleTimes& times, const ZoneClock& zone,
                                     Instant after);

}  // namespace autoscaler
