#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

namespace autoscaler {

// Minutes and days are counted from 1970-01-01T00:00Z, a Thursday.
inline constexpr int64_t kMinutesADay = 1440;
inline constexpr int64_t kMinutesAWeek = 7 * kMinutesADay;

inline int64_t day_of(int64_t minute) {
  return minute / kMinutesADay;
}
// 0 is Monday.
inline int64_t weekday_of(int64_t day) {
  return (day + 3) % 7;
}

// Which days are days of rest: Saturdays, Sundays, and the holidays that the user named.
struct Calendar {
  std::span<const int64_t> holidays;  // days, ascending

  bool rests(int64_t day) const {
    return weekday_of(day) >= 5 || std::binary_search(holidays.begin(), holidays.end(), day);
  }
  // The minute within the week that this one is like: on a holiday that of a Sunday.
  int64_t minute_of_week(int64_t minute) const {
    const int64_t day = day_of(minute);
    const bool holiday = std::binary_search(holidays.begin(), holidays.end(), day);
    return (holiday ? 6 : weekday_of(day)) * kMinutesADay + minute % kMinutesADay;
  }
};

}  // namespace autoscaler
