#include "policies/windows.h"

#include "policies/cron.h"
#include "tests/policies/local_times.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;

ScheduleTimes lasting(const char* begin, Duration length) {
  ScheduleTimes times;
  times.when = ScheduleTimes::Recurring{*parse_cron(begin), length};
  return times;
}

ScheduleTimes until(const char* begin, const char* end) {
  ScheduleTimes times;
  times.when = ScheduleTimes::Recurring{*parse_cron(begin), *parse_cron(end)};
  return times;
}

// "08:00-18:00 UTC" of the first window that closes after a moment, with its day if it is another.
std::string window_after(const ScheduleTimes& times, Instant after) {
  const auto window = first_window(times, Berlin(), after);
  if (!window) return "none";
  const auto as_utc = [](Instant at) {
    return text_of(LocalMinute(std::chrono::floor<std::chrono::minutes>(at.time_since_epoch())));
  };
  return as_utc(window->opens).substr(5) + " - " + as_utc(window->closes).substr(5);
}

TEST(Windows, TheNextOneIsFoundBeforeAndWhileItIsOpen) {
  const ScheduleTimes office = lasting("0 8 * * MON-FRI", 10h);
  const char* monday = "01-12 07:00 - 01-12 17:00";
  EXPECT_EQ(window_after(office, Berlin::utc(1, 10, 12)), monday);
  EXPECT_EQ(window_after(office, Berlin::utc(1, 12, 7)), monday);
  EXPECT_EQ(window_after(office, Berlin::utc(1, 12, 17) - 1ms), monday);
  EXPECT_EQ(window_after(office, Berlin::utc(1, 12, 17)), "01-13 07:00 - 01-13 17:00")
      << "the end is not part of it";
}

TEST(Windows, UntilIsOnTheClockAndForIsNot) {
  // The night in which the clock goes back has 25 hours.
  EXPECT_EQ(window_after(lasting("0 22 * * *", 10h), Berlin::utc(10, 24, 21)),
            "10-24 20:00 - 10-25 06:00");
  EXPECT_EQ(window_after(until("0 22 * * *", "0 8 * * *"), Berlin::utc(10, 24, 21)),
            "10-24 20:00 - 10-25 07:00");
  EXPECT_EQ(window_after(lasting("0 22 * * *", 10h), Berlin::utc(3, 28, 22)),
            "03-28 21:00 - 03-29 07:00");
  EXPECT_EQ(window_after(until("0 22 * * *", "0 8 * * *"), Berlin::utc(3, 28, 22)),
            "03-28 21:00 - 03-29 06:00");
}

TEST(Windows, AMinuteThatIsSkippedIsTheMomentOfTheJump) {
  const Instant before = Berlin::utc(3, 29, 0, 30);
  EXPECT_EQ(window_after(lasting("30 2 * * *", 1h), before), "03-29 01:00 - 03-29 02:00");
  EXPECT_EQ(window_after(until("30 1 * * *", "30 2 * * *"), before), "03-29 00:30 - 03-29 01:00");
  EXPECT_EQ(window_after(lasting("*/20 2 * * *", 5min), before), "03-29 01:00 - 03-29 01:05")
      << "all skipped ones are one";
}

TEST(Windows, OneThatIsSkippedAsAWholeDoesNotExist) {
  EXPECT_EQ(window_after(until("10 2 * * *", "50 2 * * *"), Berlin::utc(3, 29, 0)),
            "03-30 00:10 - 03-30 00:50");
}

TEST(Windows, AMinuteThatComesTwiceCountsTheFirstTime) {
  const Instant before = Berlin::utc(10, 25, 0);
  EXPECT_EQ(window_after(lasting("30 2 * * *", 10min), before), "10-25 00:30 - 10-25 00:40");
  EXPECT_EQ(window_after(lasting("30 2 * * *", 10min), Berlin::utc(10, 25, 0, 40)),
            "10-26 01:30 - 10-26 01:40")
      << "not again when 02:30 comes the second time";
  EXPECT_EQ(window_after(until("0 1 * * *", "30 2 * * *"), before), "10-24 23:00 - 10-25 00:30");
  EXPECT_EQ(window_after(until("30 2 * * *", "0 3 * * *"), before), "10-25 00:30 - 10-25 02:00");
}

TEST(Windows, DaysThatAreExceptedOpenNothing) {
  ScheduleTimes office = lasting("0 8 * * MON-FRI", 10h);
  office.except = {std::chrono::local_days(std::chrono::year(2026) / 1 / 12),
                   std::chrono::local_days(std::chrono::year(2026) / 1 / 13)};
  EXPECT_EQ(window_after(office, Berlin::utc(1, 10, 12)), "01-14 07:00 - 01-14 17:00");
  ScheduleTimes nights = until("0 22 * * *", "0 6 * * *");
  nights.except = office.except;
  EXPECT_EQ(window_after(nights, Berlin::utc(1, 12, 3)), "01-11 21:00 - 01-12 05:00")
      << "one that is open stays open";
  EXPECT_EQ(window_after(nights, Berlin::utc(1, 12, 5)), "01-14 21:00 - 01-15 05:00");
}

TEST(Windows, UntilTheNextEndHoweverOftenItBeginsMeanwhile) {
  const ScheduleTimes day = until("0 8,9,10 * * *", "0 18 * * *");
  EXPECT_EQ(window_after(day, Berlin::utc(1, 12, 12)), "01-12 07:00 - 01-12 17:00");
  EXPECT_EQ(window_after(day, Berlin::utc(1, 12, 17)), "01-13 07:00 - 01-13 17:00");
  const ScheduleTimes advent = until("0 0 1 12 *", "0 0 24 12 *");
  EXPECT_EQ(window_after(advent, Berlin::utc(12, 10, 0)), "11-30 23:00 - 12-23 23:00");
  const ScheduleTimes whole = until("0 8 * * *", "0 8 * * *");
  EXPECT_EQ(window_after(whole, Berlin::utc(1, 12, 12)), "01-12 07:00 - 01-13 07:00");
}

TEST(Windows, OfOverlappingOnesTheEarliestThatIsStillOpen) {
  const ScheduleTimes often = lasting("0 * * * *", 150min);
  EXPECT_EQ(window_after(often, Berlin::utc(1, 12, 12, 45)), "01-12 11:00 - 01-12 13:30");
}

TEST(Windows, OneOnlyComesOnce) {
  ScheduleTimes sale;
  sale.when = ScheduleTimes::Once{local(2026, 11, 27), local(2026, 11, 30, 8)};
  const char* window = "11-26 23:00 - 11-30 07:00";
  EXPECT_EQ(window_after(sale, Berlin::utc(1, 1, 0)), window);
  EXPECT_EQ(window_after(sale, Berlin::utc(11, 30, 7) - 1ms), window);
  EXPECT_EQ(window_after(sale, Berlin::utc(11, 30, 7)), "none");
  sale.when = ScheduleTimes::Once{local(2026, 3, 29, 2, 10), local(2026, 3, 29, 2, 50)};
  EXPECT_EQ(window_after(sale, Berlin::utc(1, 1, 0)), "none") << "within the skipped hour";
}

TEST(Windows, WhatNeverMatchesHasNone) {
  EXPECT_EQ(window_after(lasting("0 0 30 2 *", 1h), Berlin::utc(1, 1, 0)), "none");
  EXPECT_EQ(window_after(until("0 0 30 2 *", "0 1 * * *"), Berlin::utc(1, 1, 0)), "none");
}

}  // namespace
}  // namespace autoscaler
