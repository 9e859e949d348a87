#include "controller/backtest/predictive.h"

#include "controller/backtest/gate_comparison.h"
#include "controller/backtest/rivals.h"
#include "tests/controller/backtest/loads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;

double share_of(const Score& score) {
  return static_cast<double>(score.violating_s) / static_cast<double>(score.scored_s);
}

class PredictiveInTheFixedWorld : public ::testing::Test {
 protected:
  void SetUp() override { track = track_forecasts(demand, kLead, GateRule::kAlwaysOpen); }
  Score run(std::unique_ptr<Contender> contender) const {
    return run_world(demand, kLead, *contender);
  }

  Score run(const BenchPolicy& policy) const { return run(make_predictive(policy, kLead, track)); }

  static constexpr int64_t kLead = 300;
  Demand demand =
      *demand_of(synthetic_trace({.days = 16, .daily = 0.2, .business = 2.5, .noise = 0.03}));
  ForecastTrack track;
};

TEST_F(PredictiveInTheFixedWorld, ViolatesFarLessThanTheHpaAtNoMoreCost) {
  const Score hpa = run(make_hpa(60, demand));
  const Score predict = run({.price = 3, .budget = {}});
  EXPECT_LE(predict.instance_hours, hpa.instance_hours);
  EXPECT_LE(predict.violating_s, 0.5 * hpa.violating_s);
}

TEST_F(PredictiveInTheFixedWorld, ADearerViolationIsRarerAndCostsMore) {
  const Score cheap = run({.price = 0.3, .budget = {}});
  const Score dear = run({.price = 30, .budget = {}});
  EXPECT_LT(dear.violating_s, cheap.violating_s);
  EXPECT_GT(dear.instance_hours, cheap.instance_hours);
}

TEST_F(PredictiveInTheFixedWorld, ABudgetIsHeldWhateverIsBelievedOfAnInstance) {
  for (const double factor : {0.9, 1.0, 1.2}) {
    for (const double budget : {0.01, 0.005}) {
      const Score score = run({{}, budget, factor});
      EXPECT_LE(share_of(score), budget) << budget << ", capacity x " << factor;
    }
  }
}

// In the first minute of 1970 too: what was before it is not looked at (the sanitizer sees).
TEST(Predictive, ATraceMayBeginAtAnySecond) {
  constexpr int64_t kLead = 300;
  const auto run_from = [](int64_t start_s) {
    Demand demand = demand_in_instances(std::vector<double>(400, 3));
    demand.start_s = start_s;
    const ForecastTrack track = track_forecasts(demand, kLead, GateRule::kAlwaysOpen);
    const auto contender = make_predictive({.price = 3, .budget = {}}, kLead, track);
    return run_world(demand, kLead, *contender).instance_hours;
  };
  EXPECT_EQ(run_from(0), run_from(7 * 86400));
  EXPECT_EQ(run_from(45), run_from(7 * 86400 + 45));
}

// What the gate would not let act is as good as absent.
TEST_F(PredictiveInTheFixedWorld, BehindItsGateItWaitsForADayOfForecasts) {
  const BenchPolicy policy{.price = 3, .budget = {}};
  const ForecastTrack behind = track_forecasts(demand, kLead, GateRule::kObeyed);
  size_t first_open = 0;
  while (behind.predictions[behind.at_tick[first_open]].gate != Gate::kOpen) ++first_open;
  EXPECT_GT(first_open, 5760u);
  EXPECT_LT(first_open, 5860u);
  const Score open = run(policy);
  const Score gated = run(make_predictive(policy, kLead, behind));
  EXPECT_EQ(gated.violating_s, open.violating_s) << "the first week is not scored";
  demand.first_scored = 0;
  EXPECT_GT(run(make_predictive(policy, kLead, behind)).violating_s, run(policy).violating_s);
}

// Levels that come and go by chance: nothing is known of the next one.
Demand wandering() {
  Noise noise("wandering");
  std::vector<double> instances;
  double log = 0;
  for (int64_t minute = 0; minute < 12 * 1440; ++minute) {
    if (minute % 7 == 0) log = 0.9 * log + 0.25 * noise.normal();
    for (int i = 0; i < 4; ++i) instances.push_back(20 * std::exp(log + 0.03 * noise.normal()));
  }
  Demand demand = demand_in_instances(instances);
  demand.first_scored = 4 * 5760;
  return demand;
}

TEST(Gates, WhereTheForecastKnowsNothingTheNewestMinuteSparesViolations) {
  const std::vector<GateComparison> all = compare_gates(wandering(), {300});
  ASSERT_EQ(all.size(), 1u);
  const GateComparison& gates = all.front();
  EXPECT_GT(gates.shut, 0.5);
  EXPECT_LE(gates.newest.violating_s, 0.3 * gates.absent.violating_s);
  EXPECT_LE(share_of(gates.newest), 0.005);
  EXPECT_GT(share_of(gates.absent), 0.005);
  EXPECT_THAT(gate_report(all), ::testing::HasSubstr("| made"));
}

}  // namespace
}  // namespace autoscaler
