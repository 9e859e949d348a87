#include "policies/forecast/forecaster.h"

#include "tests/policies/forecast/load.h"

#include <gtest/gtest.h>

#include <limits>

namespace autoscaler {
namespace {

using namespace testing;
using Reach = Forecaster::Reach;

constexpr int64_t kDay = 1440;
constexpr size_t kP95 = 3;

double p95(const Forecaster& forecaster) {
  return forecaster.expect(Reach::kLead)->highest[kP95];
}

// Whatever the load is drawn from, P95 is missed in 5 % of the minutes.
TEST(Forecaster, CoversWhatItPromisesOfIndependentOfAutocorrelatedAndOfHeavyTailedLoad) {
  for (const int64_t lead : {3, 11}) {
    Chance chance(1);
    double drift = 0;
    const std::vector<std::pair<const char*, Load>> loads{
        {"independent", [&](int64_t) { return 100 * std::exp(0.2 * chance.normal()); }},
        {"autocorrelated",
         [&](int64_t) { return 100 * std::exp(drift = 0.95 * drift + 0.1 * chance.normal()); }},
        {"heavy tail", [&](int64_t) { return 50 + 10 * std::pow(chance.uniform(), -0.7); }},
        {"daily",
         [&](int64_t minute) { return daily_load(minute) * std::exp(0.05 * chance.normal()); }},
    };
    for (const auto& [name, load] : loads) {
      Rolling rolling(lead);
      rolling.run(load, 14 * kDay, 3 * kDay);
      EXPECT_NEAR(rolling.coverage(kP95), 0.95, 0.012) << name << ", lead " << lead;
      EXPECT_NEAR(rolling.coverage(0), 0.5, 0.05) << name << ", lead " << lead;
    }
  }
}

TEST(Forecaster, KnowsTheMorningRiseFromTheDaysBefore) {
  const Load jump = [](int64_t minute) { return minute % kDay >= 480 ? 300.0 : 100.0; };
  Rolling rolling(6);
  rolling.run(jump, 8 * kDay + 478);  // two minutes before 8 o'clock
  EXPECT_GT(p95(rolling.forecaster), 270);
  EXPECT_LT(rolling.now % kDay, 480);
  Rolling new_here(6);
  new_here.run(jump, 478);
  EXPECT_LT(p95(new_here.forecaster), 150);
}

// Beyond half an hour one of two forecasts waits for its minutes. With the even minutes alone the
// others of the hour were not learned, and 92 % were covered.
TEST(Forecaster, AJobOfEveryHourIsCoveredFortyMinutesAhead) {
  Chance chance(8);
  const Load job = [&](int64_t minute) {
    return (minute % 60 == 15 ? 300 : 100) * std::exp(0.03 * chance.normal());
  };
  Rolling rolling(40);
  rolling.run(job, 20 * kDay, 5 * kDay);
  EXPECT_NEAR(rolling.coverage(kP95), 0.95, 0.015);
  EXPECT_NEAR(rolling.coverage(0), 0.5, 0.03);
}

TEST(Forecaster, AHolidayIsLikeASunday) {
  const std::array<int64_t, 1> holidays{day_of(kMonday) + 28};
  const auto forecast_of = [&](const Calendar& calendar) {
    Forecaster forecaster(11, 26);
    Chance chance(6);
    int64_t minute = kMonday;
    for (; minute < kMonday + 28 * kDay + 475; ++minute) {
      const bool rest = Calendar{holidays}.rests(day_of(minute));
      const double load = minute % kDay >= 480 && !rest ? 400 : 100;
      forecaster.learn(minute, load * std::exp(0.05 * chance.normal()), calendar);
    }
    return forecaster.expect(Reach::kLead)->middle;  // of 7:55 to 8:06 on a holiday
  };
  EXPECT_LT(forecast_of(Calendar{holidays}), 0.9 * forecast_of({}));
}

TEST(Forecaster, AfterAShiftOfTheLevelItIsRightAgainWithinAnHour) {
  Chance chance(5);
  const Load load = [&](int64_t minute) {
    return (minute < kMonday + 5 * kDay ? 100 : 300) * std::exp(0.03 * chance.normal());
  };
  Rolling rolling(6);
  rolling.run(load, 5 * kDay + 60);
  EXPECT_NEAR(rolling.forecaster.expect(Reach::kLead)->middle, 315, 40);
  Rolling after(6);
  after.run(load, 9 * kDay, 5 * kDay + 60);
  EXPECT_NEAR(after.coverage(kP95), 0.95, 0.015);
}

TEST(Forecaster, NeverGoesFarBeyondThePeakWhateverComes) {
  Chance chance(9);
  Rolling rolling(6);
  const Load wild = [&](int64_t minute) {
    const double uniform = chance.uniform();
    return minute / 300 % 3 == 0 ? 0.0 : uniform < 0.001 ? 1000.0 : 100 * uniform;
  };
  rolling.run(wild, 10 * kDay);
  const auto expectation = rolling.forecaster.expect(Reach::kHold);
  for (const double each : expectation->highest) EXPECT_LE(each, 1250);
}

TEST(Forecaster, AGapTeachesNothingAndIsBridgedForTenMinutes) {
  Rolling rolling(3);
  Chance chance(7);
  rolling.run([&](int64_t minute) { return daily_load(minute) * std::exp(0.05 * chance.normal()); },
              3 * kDay);
  const double before = p95(rolling.forecaster);
  rolling.run([](int64_t) { return std::nullopt; }, 4);
  EXPECT_NEAR(p95(rolling.forecaster) / before, 1, 0.1);
  const double fresh = p95(rolling.forecaster) - rolling.forecaster.expect(Reach::kLead)->middle;
  rolling.run([](int64_t) { return std::nullopt; }, 5);
  const double stale = p95(rolling.forecaster) - rolling.forecaster.expect(Reach::kLead)->middle;
  EXPECT_GT(stale, 2 * fresh) << "older than 5 minutes it is less sure";
  rolling.run([](int64_t) { return std::nullopt; }, 2);
  EXPECT_FALSE(rolling.forecaster.expect(Reach::kLead));
  rolling.run([](int64_t minute) { return daily_load(minute); }, 1);
  EXPECT_NEAR(p95(rolling.forecaster), daily_load(rolling.now), 0.15 * daily_load(rolling.now));
}

TEST(Forecaster, MinutesLeftOutAreAGapToo) {
  Forecaster told(3, 8);
  Forecaster skipped(3, 8);
  for (int64_t minute = kMonday; minute < kMonday + 3000; ++minute) {
    const bool gap = minute % 100 < 7;
    told.learn(minute, gap ? std::nullopt : std::optional(daily_load(minute)), {});
    if (!gap) skipped.learn(minute, daily_load(minute), {});
  }
  EXPECT_EQ(told.expect(Reach::kLead)->highest, skipped.expect(Reach::kLead)->highest);
}

TEST(Forecaster, WhatIsNoNumberIsAGap) {
  Forecaster clean(3, 8);
  Forecaster dirty(3, 8);
  const double wrong[] = {std::nan(""), std::numeric_limits<double>::infinity(), -5};
  for (int64_t minute = kMonday; minute < kMonday + 3000; ++minute) {
    const bool broken = minute % 50 == 0;
    clean.learn(minute, broken ? std::nullopt : std::optional(daily_load(minute)), {});
    dirty.learn(minute, broken ? wrong[minute / 50 % 3] : daily_load(minute), {});
  }
  EXPECT_EQ(clean.expect(Reach::kLead)->highest, dirty.expect(Reach::kLead)->highest);
}

TEST(Forecaster, TheSameMinuteTwiceIsLearnedOnce) {
  Forecaster forecaster(3, 8);
  for (int64_t minute = kMonday; minute < kMonday + 100; ++minute) {
    forecaster.learn(minute, 100, {});
    forecaster.learn(minute, 900, {});
    forecaster.learn(minute - 5, 900, {});
  }
  EXPECT_EQ(forecaster.minutes_learned(), 100);
  EXPECT_NEAR(forecaster.expect(Reach::kLead)->middle, 100, 1);
}

TEST(Forecaster, ALoadThatFallsAwayAtOnceIsASuspectedOutageForAQuarterOfAnHour) {
  Rolling rolling(3);
  rolling.run([](int64_t) { return 100; }, 2 * kDay);
  EXPECT_FALSE(rolling.forecaster.outage_suspected());
  rolling.run([](int64_t) { return 5; }, 1);
  EXPECT_TRUE(rolling.forecaster.outage_suspected());
  rolling.run([](int64_t) { return 5; }, 13);
  EXPECT_TRUE(rolling.forecaster.outage_suspected());
  rolling.run([](int64_t) { return 5; }, 3);
  EXPECT_FALSE(rolling.forecaster.outage_suspected()) << "by now it is the load";
}

TEST(Forecaster, AMinuteUnderWayIsForecastFromAndLeavesNoTrace) {
  Rolling rolling(3);
  const Load steady = [](int64_t minute) { return minute % 2 == 0 ? 100 : 102; };
  rolling.run(steady, 2 * kDay);
  const double before = p95(rolling.forecaster);
  EXPECT_LT(before, 110);
  const Forecaster ahead = rolling.forecaster.as_if_over(150, {});
  EXPECT_GT(p95(ahead), 150);
  EXPECT_EQ(p95(rolling.forecaster), before);
  EXPECT_EQ(rolling.forecaster.minute(), rolling.now - 1);
  rolling.run([](int64_t) { return 150; }, 1);
  EXPECT_NEAR(p95(ahead), p95(rolling.forecaster), 10) << "as it is when the minute is over";
}

TEST(Forecaster, AMinuteUnderWayThatIsNoLoadChangesNothing) {
  Rolling rolling(3);
  rolling.run(daily_load, 2 * kDay);
  for (const double none : {-1.0, std::numeric_limits<double>::quiet_NaN(), 1e31}) {
    EXPECT_EQ(p95(rolling.forecaster.as_if_over(none, {})), p95(rolling.forecaster)) << none;
  }
  EXPECT_FALSE(Forecaster(3, 8).as_if_over(100, {}).expect(Reach::kLead)) << "nothing learned yet";
}

// A minute's first sample is lower than its highest. Nothing may be taken away for it.
TEST(Forecaster, ALoadThatFallsAwayWithinAMinuteIsASuspectedOutageAtOnce) {
  Rolling rolling(3);
  rolling.run([](int64_t) { return 100; }, 2 * kDay);
  EXPECT_TRUE(rolling.forecaster.as_if_over(5, {}).outage_suspected());
  EXPECT_FALSE(rolling.forecaster.as_if_over(60, {}).outage_suspected());
}

TEST(Forecaster, ASuspectedOutageIsNotLearnedAsTheShapeOfTheDay) {
  for (const bool suspected : {false, true}) {
    Memory memory;
    memory.scale = {.floor = 1, .reference = 1};
    for (memory.minute = kMonday; memory.minute < kMonday + 2 * kDay; ++memory.minute) {
      const int64_t since = memory.minute - kMonday - kDay - 720;
      const bool out = since >= 0 && since < 15;
      learn_minute(memory, out ? -2 : 1, 10, suspected && out, {});
    }
    const double at_noon = *memory.daily.at(memory.scale, 722);
    EXPECT_NEAR(at_noon, suspected ? 1 : 0.1, 1e-2);
  }
}

TEST(Forecaster, NoLoadAtAllIsAForecastOfNone) {
  Rolling rolling(3);
  rolling.run([](int64_t) { return 0; }, 2 * kDay);
  EXPECT_LT(p95(rolling.forecaster), 1e-3);
}

TEST(Forecaster, NothingLearnedIsNoForecast) {
  EXPECT_FALSE(Forecaster(3, 8).expect(Reach::kLead));
}

TEST(Forecaster, TheUnitOfTheLoadDoesNotMatter) {
  Forecaster small(3, 8);
  Forecaster large(3, 8);
  for (int64_t minute = kMonday; minute < kMonday + 3 * kDay; ++minute) {
    small.learn(minute, daily_load(minute), {});
    large.learn(minute, 1e6 * daily_load(minute), {});
  }
  EXPECT_NEAR(p95(large) / p95(small), 1e6, 1e4);
}

}  // namespace
}  // namespace autoscaler
