#include "policies/forecast/calendar.h"
#include "policies/forecast/conformal.h"
#include "policies/forecast/level_shift.h"
#include "policies/forecast/profile.h"
#include "policies/forecast/weights.h"
#include "policies/forecast/width.h"
#include "tests/policies/forecast/load.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;

TEST(LogScale, PacksToHalfAPerMille) {
  const LogScale scale{.floor = 5, .reference = std::log(105)};
  for (const double load : {0.0, 1.0, 100.0, 3000.0}) {
    EXPECT_NEAR(scale.to_load(scale.unpack(scale.pack(scale.to_log(load)))), load,
                0.0005 * (load + 5));
  }
}

TEST(Calendar, KnowsWeekendsAndHolidays) {
  const std::array<int64_t, 1> holidays{20'000};
  const Calendar calendar{holidays};
  EXPECT_EQ(weekday_of(0), 3) << "1970-01-01 was a Thursday";
  EXPECT_FALSE(calendar.rests(0));
  EXPECT_TRUE(calendar.rests(2));
  EXPECT_TRUE(calendar.rests(20'000));
  EXPECT_EQ(calendar.minute_of_week(20'000 * kMinutesADay + 90), 6 * kMinutesADay + 90);
}

TEST(Profile, IsLinearBetweenTheMiddlesOfItsSlots) {
  const LogScale scale{.floor = 1};
  DailyProfile profile;
  EXPECT_FALSE(profile.at(scale, 7));
  for (int64_t minute = 0; minute <= 15; ++minute) {
    profile.learn(scale, minute, static_cast<double>(minute / 5), 0.3, 1);
  }
  EXPECT_NEAR(*profile.at(scale, 2), 0, 1e-3);
  EXPECT_NEAR(*profile.at(scale, 7), 1, 1e-3);
  EXPECT_NEAR(*profile.at(scale, 9), 1.4, 1e-3);
  EXPECT_NEAR(*profile.highest(scale, 2, 8), 1.4, 1e-3);
  EXPECT_FALSE(profile.at(scale, 100));
}

TEST(Profile, OneCycleMovesItByNoMoreThanIsAllowed) {
  const LogScale scale{.floor = 1};
  DailyProfile profile;
  const auto run_day = [&](double log) {
    for (int64_t minute = 0; minute < 1440; ++minute) profile.learn(scale, minute, log, 0.5, 0.2);
  };
  run_day(1);
  run_day(9);
  EXPECT_NEAR(*profile.at(scale, 700), 1.1, 1e-2);
}

TEST(Stacker, FindsTheWeightsThatTheTruthIsMadeOf) {
  Chance chance(3);
  Stacker stacker;
  double error = 0;
  for (int i = 0; i < 3000; ++i) {
    Stacker::Features features{};
    for (double& each : features) each = 0.3 * chance.normal();
    const double truth = 0.7 * features[2] - 0.4 * features[9] + 0.02 * chance.normal();
    if (i >= 2000) error += std::abs(stacker.predict(features) - truth) / 1000;
    stacker.learn(features, truth, 1);
  }
  EXPECT_LT(error, 0.02) << "the mean of the noise is 0.016";
}

TEST(Stacker, DoesNotWindUpWhereNothingChanges) {
  Stacker stacker;
  const Stacker::Features still{0.3};
  for (int i = 0; i < 200'000; ++i) stacker.learn(still, 0, 1);
  Stacker::Features burst{0.3};
  burst[3] = 0.5;
  stacker.learn(burst, 0.5, 1);
  EXPECT_LE(std::abs(stacker.predict(burst)), 0.6);
}

TEST(Weights, FollowTheExpertThatIsRight) {
  Weights weights(6);
  Opinions say{};
  say[kDailyStep] = 1;
  for (int i = 0; i < 500; ++i) weights.learn(say, 1, 1);
  EXPECT_NEAR(weights.combine(say), 1, 0.15);
  Opinions turned{};
  turned[kDailyStep] = 1;
  for (int i = 0; i < 3000; ++i) weights.learn(turned, 0, 1);
  EXPECT_NEAR(weights.combine(turned), 0, 0.15);
}

TEST(Weights, AreSharperWhereTheWindowIsShort) {
  const auto far_from_the_better = [](int64_t steps) {
    Weights weights(steps);
    Opinions say{};
    say[kDailyStep] = 0.9;  // of a truth of 1; the others say 0
    for (int i = 0; i < 5000; ++i) weights.learn(say, 1, 1);
    Opinions close{};
    close.fill(0.12);
    close[kDailyStep] = 0.1;
    for (int i = 0; i < 5000; ++i) weights.learn(close, 0, 1);
    return weights.combine(close) - 0.1;
  };
  EXPECT_LT(far_from_the_better(3), 0.001);
  EXPECT_GT(far_from_the_better(60), 0.005);
}

// Errors twice as large while the experts disagree: the width knows, the spread does not.
TEST(Width, LearnsWhatMakesErrorsLarge) {
  Chance chance(4);
  Width width;
  const auto signs_of = [](bool agitated) {
    return Width::Signs{
        .usual = 0.1, .recent = 0.1, .slow = 0.1, .dissent = agitated ? 0.2 : 0.05, .jump = 0.05};
  };
  for (int i = 0; i < 20'000; ++i) {
    const bool agitated = chance.uniform() < 0.3;
    width.learn(signs_of(agitated), (agitated ? 0.2 : 0.1) * chance.normal());
  }
  const double mean = std::sqrt(2 / std::numbers::pi);  // of the absolute error
  EXPECT_NEAR(width.at(signs_of(false)), 0.1 * mean, 0.01);
  EXPECT_NEAR(width.at(signs_of(true)), 0.2 * mean, 0.02);
}

TEST(Width, StaysNearTheUsualSpreadWhateverItSees) {
  Width width;
  for (int i = 0; i < 1000; ++i) width.learn({0.1, 0.1, 0.1, 5, 5}, i % 2 == 0 ? 1e9 : -1e9);
  EXPECT_NEAR(width.at({0.1, 0.1, 0.1, 5, 5}), 0.3, 1e-9);
  for (int i = 0; i < 10'000; ++i) width.learn({0.1, 0.1, 0.1, 5, 5}, 0);
  EXPECT_NEAR(width.at({0.1, 0.1, 0.1, 5, 5}), 0.03, 1e-9);
}

TEST(ConformalQuantiles, OfASlowPaceRunLessAfterARunOfMisses) {
  ConformalQuantiles fast;
  ConformalQuantiles slow(0.1);
  for (int i = 0; i < 20; ++i) {
    fast.learn(1e6);
    slow.learn(1e6);
  }
  const double start = ConformalQuantiles().offsets()[3];
  EXPECT_NEAR(fast.offsets()[3] - start, 20 * 0.06 * 0.95, 1e-9);
  EXPECT_NEAR(slow.offsets()[3] - start, 6 * 0.06 * 0.95, 1e-9) << "a tenth, of three days thrice";
}

TEST(ConformalQuantiles, MakeLargerStepsUntilTheThirdDay) {
  ConformalQuantiles quantiles(0.1);
  ConformalQuantiles half(0.5);
  ConformalQuantiles full;
  const auto learn = [&](int64_t minutes) {
    for (int64_t i = 0; i < minutes; ++i) {
      for (ConformalQuantiles* each : {&quantiles, &half, &full}) each->learn(i % 20 == 0 ? 9 : -9);
    }
  };
  for (const double expected : {0.3, 0.15, 0.1, 0.1}) {
    EXPECT_NEAR(quantiles.step(3), expected * 0.06, 1e-4 * expected);
    EXPECT_NEAR(half.step(3), std::min(1.0, 5 * expected) * 0.06, 1e-4) << "none is above 1";
    EXPECT_EQ(full.step(3), 0.06);
    learn(expected == 0.3 ? 2 * 1440 : 1440);
  }
}

// What they begin with is meant for heavier tails than a normal error has: 2.5 spreads where 2.06
// are right.
TEST(ConformalQuantiles, CoverALoadOfHours) {
  constexpr int kHours = 5;
  double covered = 0;
  double counted = 0;
  for (unsigned seed = 0; seed < 20; ++seed) {
    Chance chance(seed);
    ConformalQuantiles quantiles(1 / std::sqrt(11.0));
    for (int i = 0; i < 2 * kHours * 60; ++i) {
      const double error = chance.normal() / std::sqrt(2 / std::numbers::pi);
      if (i >= kHours * 60) {
        covered += error <= quantiles.offsets()[3] ? 1 : 0;
        counted += 1;
      }
      quantiles.learn(error);
    }
  }
  EXPECT_NEAR(covered / counted, 0.95, 0.011) << "at one pace they cover more";
}

TEST(ConformalQuantiles, AscendAndStayWithinTheirBounds) {
  Chance chance(1);
  ConformalQuantiles quantiles;
  for (int i = 0; i < 100'000; ++i) {
    quantiles.learn(i % 1000 < 500 ? 1e6 : -1e6 * chance.uniform());
    for (size_t k = 0; k < kQuantileCount; ++k) {
      ASSERT_LE(std::abs(quantiles.offsets()[k]), 15);
      if (k > 0) {
        ASSERT_GE(quantiles.offsets()[k], quantiles.offsets()[k - 1]);
      }
    }
  }
}

TEST(LevelShift, IsSeenAfterAFewLargeErrorsOnOneSideAndNotInNoise) {
  LevelShift shift;
  Chance chance(2);
  for (int i = 0; i < 10'000; ++i) ASSERT_FALSE(shift.learn(1.2 * chance.normal()));
  int errors = 1;
  while (!shift.learn(4)) ++errors;
  EXPECT_LE(errors, 6);
}

}  // namespace
}  // namespace autoscaler
