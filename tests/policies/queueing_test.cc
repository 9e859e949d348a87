#include "policies/queueing.h"

#include <gtest/gtest.h>

#include <cmath>

namespace autoscaler {
namespace {

constexpr Station kShop{.workers = 5, .service_seconds = 0.05, .service_p95_seconds = 0.11};

TEST(Queueing, P95OfFiveWorkersAtFiftyMilliseconds) {
  const std::pair<double, double> table[] = {{0.50, 129}, {0.60, 149}, {0.70, 177},
                                             {0.80, 230}, {0.85, 281}, {0.90, 382},
                                             {0.93, 511}, {0.95, 683}, {0.97, 1083}};
  for (const auto& [utilisation, milliseconds] : table) {
    EXPECT_NEAR(p95_seconds(kShop, utilisation) * 1000, milliseconds, 0.5) << utilisation;
  }
}

// The least workers at which at most 5 % of the requests wait: a + 1.8 to 2.2 roots of a.
TEST(Queueing, WaitsByErlangsFormula) {
  const std::pair<int, int> table[] = {{10, 17}, {50, 64}, {200, 226}, {1000, 1056}};
  for (const auto& [erlangs, workers] : table) {
    EXPECT_LE(wait_probability(workers, 1.0 * erlangs / workers), 0.05) << erlangs;
    EXPECT_GT(wait_probability(workers - 1, 1.0 * erlangs / (workers - 1)), 0.05) << erlangs;
  }
}

TEST(Queueing, OneWorkerWaitsAsOftenAsItIsBusy) {
  for (const double utilisation : {0.1, 0.5, 0.99}) {
    EXPECT_NEAR(wait_probability(1, utilisation), utilisation, 1e-12);
  }
}

TEST(Queueing, NobodyWaitsWithoutLoadAndEverybodyPastTheEnd) {
  EXPECT_EQ(wait_probability(5, 0), 0);
  EXPECT_EQ(wait_probability(5, 1), 1);
  EXPECT_EQ(p95_seconds(kShop, 0), 0.11);
  EXPECT_TRUE(std::isinf(p95_seconds(kShop, 1)));
  EXPECT_TRUE(std::isinf(p95_seconds(kShop, 1.5)));
}

TEST(Queueing, TheLoadAtAnSloIsTheInverseOfP95) {
  const auto utilisation = utilisation_at_slo(kShop, 0.3);
  ASSERT_TRUE(utilisation);
  EXPECT_NEAR(*utilisation, 0.862, 0.001);
  EXPECT_NEAR(requests_per_second_at(kShop, *utilisation), 86.2, 0.1);
  EXPECT_NEAR(utilisation_of(kShop, 86.2), 0.862, 1e-9);
  for (const int workers : {1, 5, 64}) {
    const Station station{workers, 0.02, 0.05};
    for (const double slo : {0.051, 0.1, 2.0}) {
      EXPECT_NEAR(p95_seconds(station, *utilisation_at_slo(station, slo)), slo, 1e-9);
    }
  }
}

TEST(Queueing, NoLoadMeetsAnSloBelowTheWorkItself) {
  EXPECT_EQ(utilisation_at_slo(kShop, 0.1), std::nullopt);
  EXPECT_TRUE(utilisation_at_slo(kShop, 0.11)) << "as long as hardly anybody waits";
}

TEST(Queueing, SteadyWorkWaitsHalf) {
  Station steady = kShop;
  steady.variability = 0.5;
  EXPECT_NEAR(p95_seconds(steady, 0.9) - 0.11, (p95_seconds(kShop, 0.9) - 0.11) / 2, 1e-12);
}

TEST(Queueing, P95NeverFallsAsLoadGrows) {
  for (const int workers : {1, 2, 5, 100}) {
    const Station station{workers, 0.05, 0.11};
    double before = 0;
    for (int i = 0; i < 1000; ++i) {
      const double p95 = p95_seconds(station, i / 1000.0);
      EXPECT_GE(p95, before) << workers << " at " << i;
      before = p95;
    }
  }
}

}  // namespace
}  // namespace autoscaler
