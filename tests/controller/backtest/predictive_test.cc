#include "controller/backtest/predictive.h"

#include "controller/backtest/rivals.h"
#include "tests/controller/backtest/loads.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;

double share_of(const Score& score) {
  return static_cast<double>(score.violating_s) / static_cast<double>(score.scored_s);
}

class PredictiveInTheFixedWorld : public ::testing::Test {
 protected:
  void SetUp() override { track = track_forecasts(minutes_of(demand), 300, {}); }
  Score run(std::unique_ptr<Contender> contender) const {
    return run_world(demand, 300, *contender);
  }

  Demand demand =
      *demand_of(synthetic_trace({.days = 16, .daily = 0.2, .business = 2.5, .noise = 0.03}));
  ForecastTrack track;
  double rate = fixed_world::rate_at_slo();
};

TEST_F(PredictiveInTheFixedWorld, ViolatesFarLessThanTheHpaAtNoMoreCost) {
  const Score hpa = run(make_hpa(60, demand));
  const Score predict = run(make_predict(track, 3, rate));
  EXPECT_LE(predict.instance_hours, hpa.instance_hours);
  EXPECT_LE(predict.violating_s, 0.5 * hpa.violating_s);
}

TEST_F(PredictiveInTheFixedWorld, ADearerViolationIsRarerAndCostsMore) {
  const Score cheap = run(make_predict(track, 0.3, rate));
  const Score dear = run(make_predict(track, 30, rate));
  EXPECT_LT(dear.violating_s, cheap.violating_s);
  EXPECT_GT(dear.instance_hours, cheap.instance_hours);
}

TEST_F(PredictiveInTheFixedWorld, ABudgetIsHeldWhateverIsBelievedOfAnInstance) {
  for (const double factor : {0.9, 1.0, 1.2}) {
    for (const double budget : {0.01, 0.005}) {
      const Score score = run(make_budget(track, budget, factor * rate));
      EXPECT_LE(share_of(score), budget) << budget << ", capacity x " << factor;
    }
  }
}

}  // namespace
}  // namespace autoscaler
