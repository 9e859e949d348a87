#include "policies/learned_target.h"

#include "tests/policies/scene_builder.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;

Capacity capacity_of(double per_instance) {
  return {CapacityEvidence::kKnee, per_instance, per_instance * 1.1, per_instance, 100};
}

// rps and what waits, both of the whole service.
struct Shop {
  WorkloadSpec spec;
  Workload workload = workload_of(10);
  double rps = 0;
  Reading queue = measured(0.0);

  Shop() {
    TrackSpec rule = track(0, TrackSpec::Target::kLearned);
    rule.queue = 1;
    rule.tolerance_out = 0;
    spec = spec_of(rule);
    spec.signals = {signal_spec("rps"), signal_spec("waiting")};
    workload.capacities = {capacity_of(84), {}};
  }
  Decision decide() const {
    return evaluate(spec, workload, {for_service(rps), for_service(queue)}, {}, kStart);
  }
  int32_t size() const { return decide().proposals.at(0).replicas.value_or(-1); }
};

TEST(LearnedTarget, InstancesAreFilledTo97PercentOfTheirCapacity) {
  Shop shop;
  shop.rps = 814;  // 10 x 81.48 = 814.8
  EXPECT_EQ(shop.size(), 10);
  shop.rps = 815;
  EXPECT_EQ(shop.size(), 11);
  shop.rps = 737;
  EXPECT_EQ(shop.size(), 10) << "within 10 % of the target nothing is removed";
  shop.rps = 700;
  EXPECT_EQ(shop.size(), 9);
  EXPECT_NEAR(*shop.decide().proposals[0].target, 81.48, 1e-9);
}

TEST(LearnedTarget, WhatWaitsIsGoneWithinAMinute) {
  Shop shop;
  shop.rps = 737;
  shop.queue = measured(9000.0);
  EXPECT_EQ(shop.size(), 11);
  shop.queue = measured(90000.0);  // 1500/s more: 2237 / 81.48 = 27.5
  EXPECT_EQ(shop.size(), 28);
}

TEST(LearnedTarget, AFewThatAlwaysWaitAddNothing) {
  Shop shop;
  shop.rps = 790;
  shop.queue = measured(5.0);
  EXPECT_EQ(shop.size(), 10);
}

TEST(LearnedTarget, AMissingQueueHoldsAndTheLoadIsStillCarried) {
  Shop shop;
  shop.queue = missing();
  shop.rps = 400;
  EXPECT_EQ(shop.decide().to, 10);
  EXPECT_EQ(shop.decide().reason, Reason::kMissingSignal);
  shop.rps = 1000;
  EXPECT_EQ(shop.decide().to, 13);
}

TEST(LearnedTarget, LoadReadFromEachInstanceIsItsMean) {
  Shop shop;
  shop.workload = workload_of(2);
  shop.workload.capacities = {capacity_of(100), {}};
  const Signals signals = {per_instance({110.0, 120.0}), for_service(0.0)};
  EXPECT_EQ(evaluate(shop.spec, shop.workload, signals, {}, kStart).to, 3);
  const Signals waiting = {per_instance({110.0, 120.0}), for_service(6000.0)};  // 97/s more
  EXPECT_EQ(evaluate(shop.spec, shop.workload, waiting, {}, kStart).to, 4);
}

TEST(LearnedTarget, AbstainsWithItsOwnReasonWhileTheCapacityIsUnknown) {
  const std::pair<CapacityEvidence, AbstainReason> table[] = {
      {CapacityEvidence::kTooFewSamples, AbstainReason::kTooFewSamples},
      {CapacityEvidence::kLatencyFlat, AbstainReason::kLatencyFlat},
      {CapacityEvidence::kSloNotMet, AbstainReason::kSloNotMet},
  };
  Shop shop;
  shop.rps = 5000;
  for (const auto& [evidence, reason] : table) {
    shop.workload.capacities[0] = {.evidence = evidence, .samples = 1000};
    const Decision decision = shop.decide();
    EXPECT_EQ(decision.proposals[0].abstain, reason);
    EXPECT_EQ(decision.to, 10);
    EXPECT_EQ(decision.reason, Reason::kNoAnswer);
  }
  shop.workload.capacities.clear();
  EXPECT_EQ(shop.decide().proposals[0].abstain, AbstainReason::kTooFewSamples)
      << "nothing was ever learned";
}

TEST(LearnedTarget, AMissingLoadIsHeldAsForAnyTarget) {
  Shop shop;
  const Decision decision =
      evaluate(shop.spec, shop.workload, {for_service(missing()), for_service(0.0)}, {}, kStart);
  EXPECT_EQ(decision.proposals[0].abstain, AbstainReason::kHeld);
  EXPECT_TRUE(decision.proposals[0].blocks_in);
}

TEST(LearnedTarget, ConfidenceIsTheShareOfTheMostLikelyValue) {
  EXPECT_NEAR(confidence(capacity_of(84)), 1 / 1.1, 1e-12);
  EXPECT_EQ(confidence(Capacity{}), 0);
}

}  // namespace
}  // namespace autoscaler
