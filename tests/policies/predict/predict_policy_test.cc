#include "policies/predict/predict_policy.h"

#include "tests/policies/predict/prediction_builder.h"

#include <gtest/gtest.h>

#include <limits>

namespace autoscaler {
namespace {

using namespace testing;
using Mode = PredictSpec::Mode;

// Instances of 100/s; the newest load is `load`, nothing else wants anything.
struct Shop {
  explicit Shop(Mode mode, int32_t size = 5) : workload(workload_of(size)) {
    spec = spec_of(predict(mode));
    spec.signals[0].name = "rps";
    spec.guards = GuardsSpec::none();
    workload.predictions = {prediction_of(799, 799)};
  }
  Decision decide() const { return evaluate(spec, workload, {for_service(load)}, recent, kStart); }
  Proposal proposal() const { return decide().proposals.at(0); }
  Prediction& prediction() { return workload.predictions.at(0); }
  PredictSpec& rule() { return std::get<PredictSpec>(spec.policies[0].rule); }
  // A second policy that wants `size`.
  void beside(int32_t size) {
    spec.policies.push_back(
        {"formula", FormulaSpec{"", {{FormulaOp::Code::kNumber, double(size), 0}}}});
  }

  WorkloadSpec spec;
  Workload workload;
  Recent recent;
  double load = 450;
};

TEST(PredictPolicy, WantsWhatTheForecastIsWorth) {
  Shop shop(Mode::kScaleOut);
  const Decision decision = shop.decide();
  EXPECT_EQ(decision.to, 9) << "799 (P50) to 805 (P99.9): 8 would do in five of six minutes";
  EXPECT_EQ(decision.proposals[0].forecast, 9);
  EXPECT_EQ(decision.proposals[0].current, 450);
  EXPECT_EQ(decision.proposals[0].target, 100);
  EXPECT_EQ(decision.reason, Reason::kScaleOut);
}

TEST(PredictPolicy, OnlyForecastingItSaysSoAndWantsNothing) {
  Shop shop(Mode::kForecastOnly);
  const Proposal proposal = shop.proposal();
  EXPECT_EQ(proposal.replicas, std::nullopt);
  EXPECT_EQ(proposal.abstain, AbstainReason::kForecastOnly);
  EXPECT_EQ(proposal.forecast, 9);
}

TEST(PredictPolicy, StandsAsideWhileItsGateIsShut) {
  const std::pair<Gate, AbstainReason> shut[] = {
      {Gate::kLearning, AbstainReason::kGateLearning},
      {Gate::kWorseThanNaive, AbstainReason::kGateWorseThanNaive},
      {Gate::kUncalibrated, AbstainReason::kGateUncalibrated}};
  for (const auto& [gate, reason] : shut) {
    Shop shop(Mode::kFull);
    shop.prediction().gate = gate;
    const Proposal proposal = shop.proposal();
    EXPECT_EQ(proposal.replicas, std::nullopt);
    EXPECT_EQ(proposal.keep, std::nullopt);
    EXPECT_EQ(proposal.abstain, reason);
    EXPECT_EQ(proposal.forecast, 9) << "what it would want is told all the same";
  }
}

// Nothing but the newest minute is known to be good then, and a budget is to be held all the same.
TEST(PredictPolicy, WithABudgetTheNewestMinuteStandsInWhileTheGateIsShut) {
  Shop shop(Mode::kFull);
  shop.spec.slo = Slo{0, 0.3, 0.01};
  shop.prediction().plain_highest = near(650);
  EXPECT_EQ(shop.proposal().replicas, 9) << "open, the forecast acts";
  shop.prediction().gate = Gate::kWorseThanNaive;
  Proposal proposal = shop.proposal();
  EXPECT_TRUE(proposal.plain);
  EXPECT_EQ(proposal.replicas, 7);
  EXPECT_EQ(proposal.keep, 7);
  shop.prediction().plain_highest.reset();
  EXPECT_EQ(shop.proposal().abstain, AbstainReason::kGateWorseThanNaive);

  shop.prediction().plain_highest = near(650);
  shop.rule().price = 3;
  EXPECT_EQ(shop.proposal().abstain, AbstainReason::kGateWorseThanNaive) << "its price was written";
  shop.rule().price.reset();
  shop.spec.slo->budget.reset();
  EXPECT_EQ(shop.proposal().abstain, AbstainReason::kGateWorseThanNaive) << "no budget";
}

TEST(PredictPolicy, AnOldForecastIsNone) {
  Shop shop(Mode::kFull);
  shop.prediction().at = kStart - 10min;
  EXPECT_TRUE(shop.proposal().replicas);
  shop.prediction().at = kStart - 10min - 1s;
  EXPECT_EQ(shop.proposal().abstain, AbstainReason::kForecastStale);
  shop.prediction().lead = 7min;  // 14 minutes
  EXPECT_TRUE(shop.proposal().replicas);
  shop.prediction().lead_highest.reset();
  EXPECT_EQ(shop.proposal().abstain, AbstainReason::kForecastStale);
  shop.workload.predictions.clear();
  EXPECT_EQ(shop.proposal().abstain, AbstainReason::kGateLearning);
}

TEST(PredictPolicy, ItsWishEndsAQuarterAboveThePeakOfTheWeekAndAtTheMaximum) {
  Shop shop(Mode::kScaleOut);
  shop.prediction().lead_highest = near(100'000);
  EXPECT_EQ(shop.proposal().replicas, 13) << "1.25 x 1000 / 100";
  shop.prediction().headroom = 1.9;
  EXPECT_EQ(shop.proposal().replicas, 24) << "of instances that carry less than was thought";
  shop.spec.bounds.max = 7;
  EXPECT_EQ(shop.proposal().replicas, 7);
}

TEST(PredictPolicy, OnceNoPriceHelpsItsSizesGrow) {
  Shop shop(Mode::kScaleOut);
  shop.prediction().headroom = 1.2;
  EXPECT_EQ(shop.proposal().replicas, 10) << "805 / (100 / 1.2)";
}

TEST(PredictPolicy, RaisingOnlyItTakesNothingAwayAlone) {
  Shop shop(Mode::kScaleOut, 20);
  EXPECT_EQ(shop.decide().to, 20);
  EXPECT_EQ(shop.decide().reason, Reason::kNoAnswer);
  shop.beside(6);
  EXPECT_EQ(shop.decide().to, 9) << "and is a floor under what others take away";
  EXPECT_EQ(shop.decide().bound_by, 0);
}

TEST(PredictPolicy, InFullItTakesNothingAwayThatTheMeasuredLoadNeeds) {
  Shop shop(Mode::kFull, 20);
  shop.prediction().lead_highest = near(100);
  shop.prediction().hold_highest = near(100);
  shop.load = 1500;
  EXPECT_EQ(shop.decide().to, 16) << "1500 / 97";
  shop.workload.size = 5;
  EXPECT_EQ(shop.decide().to, 5) << "and launches for what it foresees alone";
}

TEST(PredictPolicy, InFullItKeepsWhatIsNeededAgainSoon) {
  Shop shop(Mode::kFull, 20);
  shop.beside(4);
  shop.prediction() = prediction_of(399, 1199);
  shop.prediction().peak = 2000;
  const Decision decision = shop.decide();
  EXPECT_EQ(decision.to, 13);
  ASSERT_EQ(decision.adjustments.size(), 1u);
  EXPECT_EQ(decision.adjustments[0].rule, Rule::kForecastHold);
  EXPECT_EQ(decision.adjustments[0].before, 5);
  EXPECT_EQ(decision.adjustments[0].without, 5);
  EXPECT_EQ(decision.combined, 13) << "remembered as wanted";
}

TEST(PredictPolicy, ItsHoldStandsInForTheWindowOfBehavior) {
  Shop shop(Mode::kFull, 20);
  shop.beside(4);
  shop.spec.behavior = Behavior{};
  shop.workload.predictions = {prediction_of(399, 699)};
  shop.recent.recommendations = {{kStart - 200s, kStart - 200s, 20},
                                 {kStart - 30s, kStart - 30s, 18}};
  EXPECT_EQ(shop.decide().to, 8) << "half a minute, not five";
  shop.recent.recommendations.push_back({kStart - 29s, kStart - 29s, 12});
  EXPECT_EQ(shop.decide().to, 12);
  EXPECT_EQ(shop.decide().adjustments.back().rule, Rule::kStabilizeIn);
  shop.prediction().gate = Gate::kUncalibrated;
  EXPECT_EQ(shop.decide().to, 20) << "it stands aside, and the window is back";
}

// It saves little, and each one that is taken back is a launch.
TEST(PredictPolicy, ASmallReductionWaitsForFourMinutesAndALargeOneForTwoSamples) {
  const auto seconds_until_less = [](int32_t size, int32_t wanted) {
    Shop shop(Mode::kFull, size);
    shop.prediction() = prediction_of(99.0 * wanted, 99.0 * wanted);
    shop.prediction().peak = 100.0 * size;
    shop.load = 90;
    shop.recent = first_sight(shop.spec, size, kStart);
    Instant now = kStart;
    while (now < kStart + 2h) {
      now += 15s;
      shop.prediction().at = now;
      const Decision decision =
          evaluate(shop.spec, shop.workload, {for_service(90)}, shop.recent, now);
      if (decision.to != size) {
        EXPECT_EQ(decision.to, wanted);
        break;
      }
      record(shop.spec, decision, Outcome::kHeld, now, shop.recent);
    }
    return (now - kStart) / 1s;
  };
  EXPECT_EQ(seconds_until_less(100, 88), 30);
  EXPECT_EQ(seconds_until_less(100, 89), 240);
  EXPECT_EQ(seconds_until_less(10, 7), 30);
  EXPECT_EQ(seconds_until_less(10, 8), 240);
  EXPECT_EQ(seconds_until_less(2, 1), 240) << "a small service shrinks too";
}

// The highest wish of some minutes is all that counts, and a restless one must not fill the memory.
TEST(PredictPolicy, OfRestlessWishesItRemembersThoseThatMaySpeakAgain) {
  Shop shop(Mode::kFull, 40);
  shop.prediction().peak = 5000;
  shop.recent = first_sight(shop.spec, 40, kStart);
  Instant now = kStart;
  for (int i = 0; i < 500; ++i) {
    now += 5s;
    shop.prediction() = prediction_of(3000 + 100 * (i % 3) - 5 * i, 100);
    shop.prediction().at = now;
    shop.prediction().peak = 5000;
    const Decision decision =
        evaluate(shop.spec, shop.workload, {for_service(90)}, shop.recent, now);
    record(shop.spec, decision, Outcome::kHeld, now, shop.recent);
    EXPECT_LE(shop.recent.recommendations.size(), 20u);
  }
  EXPECT_EQ(shop.recent.recommendations.front().replicas, 10)
      << "of 190 s ago: 3000 + 200 - 5 x 461";
}

TEST(PredictPolicy, ALoadThatFallsAwayAtOnceIsMoreLikelyAnOutage) {
  Shop shop(Mode::kFull, 12);
  shop.beside(2);
  shop.prediction() = prediction_of(100, 100);
  EXPECT_EQ(shop.decide().to, 5) << "the measured load";
  shop.prediction().outage_suspected = true;
  EXPECT_EQ(shop.decide().to, 12);
  EXPECT_EQ(shop.decide().reason, Reason::kForecastHold);
}

TEST(PredictPolicy, AMissingLoadHoldsByItsWhenMissing) {
  Shop shop(Mode::kFull, 20);
  const Decision decision =
      evaluate(shop.spec, shop.workload, {for_service(missing())}, {}, kStart);
  EXPECT_EQ(decision.to, 20);
  EXPECT_EQ(decision.proposals[0].replicas, 9);
  EXPECT_EQ(decision.reason, Reason::kMissingSignal);
}

// A doubt about its load holds scaling in only where the forecast has a say.
TEST(PredictPolicy, StandingAsideItsSignalBlocksNothing) {
  Shop shop(Mode::kScaleOut, 20);
  shop.beside(12);
  Signal load = for_service(450);
  std::get<Measured>(std::get<Reading>(load.readings)).completeness = 0.1;
  const auto decide = [&] {
    return evaluate(shop.spec, shop.workload, {load}, shop.recent, kStart);
  };
  EXPECT_EQ(decide().to, 20);
  EXPECT_EQ(decide().reason, Reason::kDataQuality);
  shop.prediction().gate = Gate::kLearning;
  EXPECT_EQ(decide().to, 12);
}

TEST(PredictPolicy, ALearnedCapacityIsUsedWholeAndIsWaitedFor) {
  Shop shop(Mode::kScaleOut);
  shop.rule().per_instance.reset();
  EXPECT_EQ(shop.proposal().abstain, AbstainReason::kTooFewSamples);
  EXPECT_EQ(shop.proposal().forecast, std::nullopt);
  shop.workload.capacities = {{CapacityEvidence::kKnee, 80, 90, 70, 300}};
  EXPECT_EQ(shop.proposal().replicas, 11) << "799 to 805 / 80";
}

TEST(PredictPolicy, AsDearAsAViolationIsAsFarItGoes) {
  Shop shop(Mode::kScaleOut);
  shop.prediction().lead_highest = QuantileValues{500, 600, 700, 800, 900, 1000, 1100, 1200};
  shop.prediction().price = 0.3;
  const int32_t cheap = *shop.proposal().replicas;
  shop.prediction().price = 30;
  EXPECT_GT(*shop.proposal().replicas, cheap + 2);
}

TEST(PredictPolicy, NumbersOfAnySizeEndAndAreBounded) {
  for (const double number : {0.0, 1e-300, 1e300, std::numeric_limits<double>::max()}) {
    for (const double rate : {1e-300, 1.0, 1e300}) {
      Shop shop(Mode::kFull);
      shop.rule().per_instance = rate;
      QuantileValues same{};
      same.fill(number);
      shop.prediction().lead_highest = shop.prediction().hold_highest = same;
      shop.prediction().usual = shop.prediction().peak = number;
      shop.prediction().headroom = std::max(1.0, number);
      shop.prediction().price = number;
      const Decision decision = shop.decide();
      EXPECT_GE(decision.to, 1);
      EXPECT_LE(decision.to, shop.spec.bounds.max);
    }
  }
}

}  // namespace
}  // namespace autoscaler
