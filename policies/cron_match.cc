#include "policies/cron.h"

#include <bit>

namespace autoscaler {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::minutes;
using std::chrono::year_month;
using std::chrono::year_month_day;

constexpr days kLongestSearch{40 * 366};
constexpr int kMinutesOfADay = 24 * 60;

bool has(uint64_t bits, unsigned bit) {
  return (bits >> bit & 1u) != 0;
}

bool matches(const Cron& cron, local_days at, const year_month_day& date) {
  const unsigned day = static_cast<unsigned>(date.day());
  const year_month_day last_day{date.year() / date.month() / std::chrono::last};
  const unsigned last = static_cast<unsigned>(last_day.day());
  const unsigned weekday = std::chrono::weekday(at).c_encoding();
  const bool by_day = has(cron.days, day) || (cron.last_day && day == last);
  const bool by_weekday = has(cron.weekdays, weekday) ||
                          (has(cron.last_weekdays, weekday) && day + 7 > last) ||
                          has(cron.nth_weekdays[(day - 1) / 7], weekday);
  if (cron.every_day || cron.every_weekday) return by_day && by_weekday;
  return by_day || by_weekday;
}

// The first minute of a day that matches at or after `from`, in minutes of the day.
std::optional<int> first_minute(const Cron& cron, int from) {
  for (int hour = from / 60; hour < 24; ++hour) {
    if (!has(cron.hours, static_cast<unsigned>(hour))) continue;
    const int least = hour == from / 60 ? from % 60 : 0;
    const uint64_t left = cron.minutes >> least;
    if (left != 0) return hour * 60 + least + std::countr_zero(left);
  }
  return std::nullopt;
}

std::optional<int> last_minute(const Cron& cron, int to) {
  for (int hour = to / 60; hour >= 0; --hour) {
    if (!has(cron.hours, static_cast<unsigned>(hour))) continue;
    const int most = hour == to / 60 ? to % 60 : 59;
    const uint64_t left = cron.minutes << (63 - most);
    if (left != 0) return hour * 60 + most - std::countl_zero(left);
  }
  return std::nullopt;
}

}  // namespace

std::optional<LocalMinute> next_match(const Cron& cron, LocalMinute from) {
  local_days day = std::chrono::floor<days>(from);
  int minute = static_cast<int>((from - day).count());
  for (const local_days end = day + kLongestSearch; day < end;) {
    const year_month_day date(day);
    if (!has(cron.months, static_cast<unsigned>(date.month()))) {
      day = local_days(((date.year() / date.month()) + std::chrono::months(1)) / 1);
    } else {
      const auto found = matches(cron, day, date) ? first_minute(cron, minute) : std::nullopt;
      if (found) return day + minutes(*found);
      day += days(1);
    }
    minute = 0;
  }
  return std::nullopt;
}

std::optional<LocalMinute> last_match(const Cron& cron, LocalMinute to) {
  local_days day = std::chrono::floor<days>(to);
  int minute = static_cast<int>((to - day).count());
  for (const local_days end = day - kLongestSearch; day > end;) {
    const year_month_day date(day);
    if (!has(cron.months, static_cast<unsigned>(date.month()))) {
      day = local_days(date.year() / date.month() / 1) - days(1);
    } else {
      const auto found = matches(cron, day, date) ? last_minute(cron, minute) : std::nullopt;
      if (found) return day + minutes(*found);
      day -= days(1);
    }
    minute = kMinutesOfADay - 1;
  }
  return std::nullopt;
}

}  // namespace autoscaler
