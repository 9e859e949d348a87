#pragma once

#include "policies/windows.h"

#include <array>
#include <cstdio>
#include <string>

namespace autoscaler::testing {

using namespace std::chrono_literals;

inline LocalMinute local(int year, unsigned month, unsigned day, int hour = 0, int minute = 0) {
  return std::chrono::local_days(std::chrono::year(year) / static_cast<int>(month) /
                                 static_cast<int>(day)) +
         std::chrono::hours(hour) + std::chrono::minutes(minute);
}

inline std::string text_of(LocalMinute at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const auto minute = (at - day).count();
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(minute / 60), static_cast<int>(minute % 60));
  return text.data();
}

// Berlin in 2026: from 02:00 to 03:00 on 29 March, and back from 03:00 to 02:00 on 25 October.
class Berlin final : public ZoneClock {
 public:
  static Instant utc(unsigned month, unsigned day, int hour, int minute = 0) {
    return Instant(local(2026, month, day, hour, minute).time_since_epoch());
  }
  Instant instant_of(LocalMinute at) const override {
    const Instant winter(at.time_since_epoch() - 1h), summer(at.time_since_epoch() - 2h);
    if (is_summer(summer)) return summer;
    return winter < spring() || winter >= autumn() ? winter : spring();
  }
  std::chrono::local_time<Duration> local_of(Instant at) const override {
    return std::chrono::local_time<Duration>(at.time_since_epoch() + (is_summer(at) ? 2h : 1h));
  }
  std::string abbreviation(Instant at) const override { return is_summer(at) ? "CEST" : "CET"; }

 private:
  static bool is_summer(Instant at) { return at >= spring() && at < autumn(); }
  static Instant spring() { return utc(3, 29, 1); }
  static Instant autumn() { return utc(10, 25, 1); }
};

}  // namespace autoscaler::testing
