#include "policies/forecast/leaning_quantiles.h"

#include "policies/forecast/hour_shape.h"
#include "tests/policies/forecast/load.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;

constexpr size_t kP95 = 3;

// The truth is half a width to the side that the lean says.
TEST(LeaningQuantiles, LeanToWhereTheTruthWas) {
  LeaningQuantiles quantiles(1);
  Chance chance(1);
  for (int i = 0; i < 100'000; ++i) {
    LeaningQuantiles::Leans leans{};
    leans[2] = chance.uniform() < 0.5 ? 1 : -1;
    quantiles.learn(0.5 * leans[2] + 0.2 * chance.normal(), leans, i / 60 % 24);
  }
  LeaningQuantiles::Leans up{};
  up[2] = 1;
  LeaningQuantiles::Leans down{};
  down[2] = -1;
  EXPECT_NEAR(quantiles.at(up, 0)[0], 0.5, 0.1);
  EXPECT_NEAR(quantiles.at(down, 0)[0], -0.5, 0.1);
}

// Errors are twice as large from 8 to 10 o'clock.
TEST(LeaningQuantiles, CoverTheWorstHourToo) {
  LeaningQuantiles quantiles(1);
  Chance chance(2);
  double covered = 0;
  double counted = 0;
  for (int i = 0; i < 90 * 1440; ++i) {
    const int64_t hour = i / 60 % 24;
    const double error = (hour == 8 || hour == 9 ? 2 : 1) * chance.normal();
    if (i >= 30 * 1440 && (hour == 8 || hour == 9)) {
      covered += error <= quantiles.at({}, hour)[kP95] ? 1 : 0;
      counted += 1;
    }
    quantiles.learn(error, {}, hour);
  }
  EXPECT_GT(covered / counted, 0.91) << "one quantile for all hours covers 0.82 there";
}

TEST(LeaningQuantiles, AscendAndStayWithinTheirBoundsWhateverComes) {
  LeaningQuantiles quantiles(1);
  Chance chance(3);
  for (int i = 0; i < 50'000; ++i) {
    LeaningQuantiles::Leans leans;
    for (double& each : leans) each = 6 * chance.uniform() - 3;
    quantiles.learn(i % 1000 < 500 ? 1e6 : -1e6 * chance.uniform(), leans, i / 60 % 24);
    const QuantileValues values = quantiles.at(leans, 5);
    for (size_t k = 0; k < kQuantileCount; ++k) {
      ASSERT_LE(std::abs(values[k]), 2 * (15 + 3 * LeaningQuantiles::kLeans));
      if (k > 0) {
        ASSERT_GE(values[k], values[k - 1]);
      }
    }
  }
}

TEST(HourShape, KnowsWhatComesAfterAMinuteOfTheHour) {
  HourShape shape;
  for (int64_t minute = 0; minute < 7 * 1440; ++minute) {
    const bool job = minute % 60 == 0;
    shape.learn(minute, job ? 0.5 : 0, 1, job ? 2 : 0.8);
  }
  EXPECT_NEAR(shape.rise(60), 0.5, 0.01);
  EXPECT_NEAR(shape.rise(61), 0, 1e-6);
  EXPECT_NEAR(shape.unrest(60), 2, 0.02);
  EXPECT_NEAR(shape.unrest(59), 0.8, 0.02);
}

TEST(HourShape, OneHourSaysNoMoreThanIsAllowed) {
  HourShape shape;
  shape.learn(30, 1e9, 0.4, 1e9);
  EXPECT_LE(shape.rise(30), 0.02);
  EXPECT_LE(shape.unrest(30), 1.2);
}

}  // namespace
}  // namespace autoscaler
