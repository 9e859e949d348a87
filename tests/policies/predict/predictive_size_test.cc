#include "policies/predict/predictive_size.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

Expectation certain(double load) {
  Expectation expectation{.middle = load};
  expectation.highest.fill(load);
  return expectation;
}

PredictiveSize::Inputs inputs_at(int64_t minute, int32_t size, double now) {
  PredictiveSize::Inputs inputs;
  inputs.now = {now, now, 0};
  inputs.minute = minute;
  inputs.size = size;
  inputs.rate_per_instance = 100;
  return inputs;
}

PredictiveSize::Inputs forecast_at(int64_t minute, int32_t size, double now, double lead,
                                   double hold) {
  auto inputs = inputs_at(minute, size, now);
  inputs.lead = certain(lead);
  inputs.hold = certain(hold);
  return inputs;
}

TEST(PredictiveSize, LaunchesForWhatIsComingAndNeverLessThanForWhatIsThere) {
  PredictiveSize sizing;
  EXPECT_EQ(sizing.decide(forecast_at(1, 10, 900, 2000, 2000)), 20);
  EXPECT_EQ(sizing.decide(forecast_at(2, 10, 2900, 1000, 1000)), 30);
}

TEST(PredictiveSize, KeepsWhatWillBeNeededAgainSoonButDoesNotLaunchForIt) {
  PredictiveSize sizing;
  EXPECT_EQ(sizing.decide(forecast_at(1, 20, 900, 1000, 2000)), 20);
  EXPECT_EQ(sizing.decide(forecast_at(3, 20, 900, 1000, 1500)), 20)
      << "for three minutes the highest counts";
  EXPECT_EQ(sizing.decide(forecast_at(4, 20, 900, 1000, 1500)), 15);
  EXPECT_EQ(sizing.decide(forecast_at(5, 10, 900, 1000, 1500)), 10);
}

TEST(PredictiveSize, WithoutAForecastItFollowsTheLoadUpwardsAlone) {
  PredictiveSize sizing;
  EXPECT_EQ(sizing.decide(inputs_at(1, 10, 1500)), 16);
  EXPECT_EQ(sizing.decide(inputs_at(9, 16, 500)), 16);
}

TEST(PredictiveSize, ASmallReductionWaitsForHalfAnHourAndALargeOneForThreeMinutes) {
  const auto minutes_until_less = [](int32_t size, int32_t wanted) {
    PredictiveSize sizing;
    const double was = 100.0 * size;
    const double is = 100.0 * wanted;
    EXPECT_EQ(sizing.decide(forecast_at(1000, size, 90, was, was)), size);
    int64_t minute = 1001;
    while (sizing.decide(forecast_at(minute, size, 90, is, is)) == size) ++minute;
    EXPECT_EQ(sizing.decide(forecast_at(minute, size, 90, is, is)), wanted);
    return minute - 1000;
  };
  EXPECT_EQ(minutes_until_less(100, 85), 3);
  EXPECT_EQ(minutes_until_less(100, 86), 30);
  EXPECT_EQ(minutes_until_less(10, 7), 3);
  EXPECT_EQ(minutes_until_less(10, 8), 30);
  EXPECT_EQ(minutes_until_less(2, 1), 30) << "a small service shrinks too";
}

TEST(PredictiveSize, NothingShrinksWhileItIsHeld) {
  PredictiveSize sizing;
  auto inputs = forecast_at(1, 20, 500, 500, 500);
  inputs.hold_in = true;
  EXPECT_EQ(sizing.decide(inputs), 20);
}

TEST(PredictiveSize, NothingShrinksWithinAMinuteOfABurst) {
  PredictiveSize sizing;
  auto burst = forecast_at(1, 20, 500, 500, 500);
  burst.now = {1000, 400, 0};
  EXPECT_EQ(sizing.decide(burst), 20);
  EXPECT_EQ(sizing.decide(forecast_at(2, 20, 500, 500, 500)), 20);
  EXPECT_LT(sizing.decide(forecast_at(3, 20, 500, 500, 500)), 20);
}

TEST(PredictiveSize, HeadroomGrowsTheForecastAlone) {
  PredictiveSize sizing;
  auto inputs = forecast_at(1, 10, 900, 1000, 1000);
  inputs.headroom = 1.5;
  EXPECT_EQ(sizing.decide(inputs), 15);
}

}  // namespace
}  // namespace autoscaler
