#include "policies/windows.h"

#include "policies/cron.h"

#include <algorithm>

namespace autoscaler {
namespace {

using std::chrono::minutes;

// No clock was ever moved by more than a day (Samoa, 2011).
constexpr minutes kFurthestJump = std::chrono::hours(26);
// Windows that an exception or a skipped hour leaves out, one after the other.
constexpr int kMostLeftOut = 100'000;

bool is_excepted(const ScheduleTimes& times, LocalMinute begin) {
  const auto day = std::chrono::floor<std::chrono::days>(begin);
  return std::binary_search(times.except.begin(), times.except.end(), day);
}

std::optional<TimeSpan> first_for(const ScheduleTimes& times, const Cron& begin, Duration length,
                                  const ZoneClock& zone, Instant after) {
  LocalMinute from = std::chrono::floor<minutes>(zone.local_of(after - length)) - kFurthestJump;
  for (int i = 0; i < kMostLeftOut; ++i) {
    const auto local = next_match(begin, from);
    if (!local) return std::nullopt;
    from = *local + minutes(1);
    if (is_excepted(times, *local)) continue;
    const Instant opens = zone.instant_of(*local);
    if (opens + length > after) return TimeSpan{opens, opens + length};
  }
  return std::nullopt;
}

std::optional<TimeSpan> first_until(const ScheduleTimes& times, const Cron& begin, const Cron& end,
                                    const ZoneClock& zone, Instant after) {
  const LocalMinute before = std::chrono::floor<minutes>(zone.local_of(after)) - kFurthestJump;
  // What began before this had ended by then.
  LocalMinute from =
      last_match(end, before).value_or(before - minutes(std::chrono::days(40 * 366)));
  for (int i = 0; i < kMostLeftOut; ++i) {
    const auto first = next_match(begin, from);
    if (!first) return std::nullopt;
    if (is_excepted(times, *first)) {
      from = *first + minutes(1);
      continue;
    }
    const auto last = next_match(end, *first + minutes(1));
    if (!last) return std::nullopt;
    const TimeSpan span{zone.instant_of(*first), zone.instant_of(*last)};
    if (span.opens < span.closes && span.closes > after) return span;
    from = *last;
  }
  return std::nullopt;
}

std::optional<TimeSpan> first_once(const ScheduleTimes::Once& once, const ZoneClock& zone,
                                   Instant after) {
  const TimeSpan span{zone.instant_of(once.from), zone.instant_of(once.to)};
  if (span.opens >= span.closes || span.closes <= after) return std::nullopt;
  return span;
}

}  // namespace

std::optional<TimeSpan> first_window(const ScheduleTimes& times, const ZoneClock& zone,
                                     Instant after) {
  if (const auto* once = std::get_if<ScheduleTimes::Once>(&times.when)) {
    return first_once(*once, zone, after);
  }
  const auto& recurring = std::get<ScheduleTimes::Recurring>(times.when);
  if (const auto* length = std::get_if<Duration>(&recurring.end)) {
    return first_for(times, recurring.begin, *length, zone, after);
  }
  return first_until(times, recurring.begin, std::get<Cron>(recurring.end), zone, after);
}

}  // namespace autoscaler
