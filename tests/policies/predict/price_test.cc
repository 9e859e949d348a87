#include "policies/predict/price.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

constexpr QuantileValues kThin{1000, 1010, 1020, 1030, 1040, 1050, 1060, 1080};
constexpr QuantileValues kHeavy{1000, 1200, 1400, 1700, 2300, 3000, 4000, 8000};

TEST(Price, TheChanceOfMoreFallsFromTheMedianOnAndGoesOnBeyondTheLastQuantile) {
  EXPECT_DOUBLE_EQ(chance_above(kHeavy, 999), 1);
  EXPECT_DOUBLE_EQ(chance_above(kHeavy, 1000), 0.5);
  EXPECT_NEAR(chance_above(kHeavy, 1700), 0.05, 1e-12);
  EXPECT_NEAR(chance_above(kHeavy, 8000), 0.001, 1e-12);
  EXPECT_NEAR(chance_above(kHeavy, 12'000), 0.0002, 1e-12);
  for (double load = 900; load < 20'000; load += 10) {
    EXPECT_GE(chance_above(kHeavy, load), chance_above(kHeavy, load + 10));
  }
}

TEST(Price, ADearerViolationBuysMoreInstances) {
  int32_t last = 0;
  for (const double price : {0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 300.0}) {
    const int32_t size = instances_worth(kHeavy, 100, 10, price);
    EXPECT_GE(size, last);
    last = size;
  }
  EXPECT_EQ(instances_worth(kHeavy, 100, 10, 0.01), 10) << "the median at least";
  EXPECT_GE(last, 40);
}

TEST(Price, WhereTheTailIsThinItGoesFurtherOutThanWhereItIsHeavy) {
  const int32_t thin = instances_worth(kThin, 10, 100, 3);
  const int32_t heavy = instances_worth(kHeavy, 10, 100, 3);
  EXPECT_LT(chance_above(kThin, thin * 10), 0.01);
  EXPECT_GT(chance_above(kHeavy, heavy * 10), 0.01);
}

TEST(Price, TheSizeIsTheCheapestOfAll) {
  for (const double price : {0.3, 3.0, 30.0}) {
    const auto cost = [&](int32_t n) { return n + price * 12 * chance_above(kHeavy, n * 100.0); };
    const int32_t size = instances_worth(kHeavy, 100, 12, price);
    for (int32_t n = 10; n < 200; ++n) EXPECT_LE(cost(size), cost(n)) << n;
  }
}

TEST(Price, ACertainForecastIsTakenAsItIs) {
  QuantileValues certain;
  certain.fill(1000);
  EXPECT_EQ(instances_worth(certain, 100, 10, 3), 10);
  certain.fill(0);
  EXPECT_EQ(instances_worth(certain, 100, 10, 3), 1);
}

}  // namespace
}  // namespace autoscaler
