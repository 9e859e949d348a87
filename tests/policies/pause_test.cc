#include "policies/recent.h"
#include "tests/policies/scene_builder.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;
using Direction = Pause::Direction;

// Wants as many instances as the signal says, between 2 and 20.
WorkloadSpec shop() {
  TrackSpec wants = track(1, TrackSpec::Target::kPerInstance);
  wants.tolerance_in = wants.tolerance_out = 0;
  WorkloadSpec spec = spec_of(wants);
  spec.bounds = {2, 20};
  return spec;
}

Decision decide(const WorkloadSpec& spec, int32_t size, double wanted, const Orders& orders,
                Instant now = kStart, const Recent& recent = {}) {
  Workload workload = workload_of(size);
  workload.orders = orders;
  return evaluate(spec, workload, {for_service(wanted, now)}, recent, now);
}

Orders paused(Direction direction, std::optional<Instant> until = {}) {
  return {Pause{direction, until}, {}};
}

TEST(Pause, HoldsInItsDirectionAlone) {
  EXPECT_EQ(decide(shop(), 5, 9, paused(Direction::kAll)).to, 5);
  EXPECT_EQ(decide(shop(), 5, 3, paused(Direction::kAll)).to, 5);
  EXPECT_EQ(decide(shop(), 5, 9, paused(Direction::kOut)).to, 5);
  EXPECT_EQ(decide(shop(), 5, 3, paused(Direction::kOut)).to, 3);
  EXPECT_EQ(decide(shop(), 5, 9, paused(Direction::kIn)).to, 9);
  EXPECT_EQ(decide(shop(), 5, 3, paused(Direction::kIn)).to, 5);
}

TEST(Pause, SaysSoOnlyWhereItHolds) {
  const Decision held = decide(shop(), 5, 9, paused(Direction::kAll));
  EXPECT_EQ(held.reason, Reason::kPaused);
  EXPECT_EQ(held.adjustments.back().rule, Rule::kPause);
  EXPECT_EQ(held.combined, 9) << "what was wanted is still shown, and remembered";
  EXPECT_EQ(decide(shop(), 5, 5, paused(Direction::kAll)).reason, Reason::kOnTarget);
}

TEST(Pause, WinsOverBoundsAndShowsWhichOneIsViolated) {
  const Decision below = decide(shop(), 1, 1, paused(Direction::kAll));
  EXPECT_EQ(below.to, 1);
  EXPECT_EQ(below.reason, Reason::kPaused);
  EXPECT_EQ(below.adjustments.at(0).rule, Rule::kMin);
  EXPECT_EQ(below.adjustments.at(0).after, 2);
  const Decision above = decide(shop(), 30, 30, paused(Direction::kIn));
  EXPECT_EQ(above.to, 30);
  EXPECT_EQ(above.adjustments.at(0).rule, Rule::kMax);
}

// There no bound comes after the order: the HPA has settled before it looks at any metric.
TEST(OrderedSize, IsWithinBoundsWhereTheHpaHasSettledToo) {
  WorkloadSpec spec = shop();
  spec.hpa = HpaFlags{};
  EXPECT_EQ(decide(spec, 30, 5, {{}, SizeOrder{50, kStart + 1h}}).to, 20);
  EXPECT_EQ(decide(spec, 30, 5, {{}, SizeOrder{1, kStart + 1h}}).to, 2);
  EXPECT_EQ(decide(spec, 30, 5, {{}, SizeOrder{7, kStart + 1h}}).to, 7);
}

TEST(Pause, EndsAtItsTime) {
  const Orders orders = paused(Direction::kAll, kStart + 1h);
  EXPECT_EQ(decide(shop(), 5, 9, orders, kStart + 1h - 1ms).to, 5);
  EXPECT_EQ(decide(shop(), 5, 9, orders, kStart + 1h).to, 9);
}

TEST(Pause, OfTheConfigAndOfAnOperatorAddUp) {
  WorkloadSpec spec = shop();
  spec.pause = Pause{Direction::kIn, kStart + 1h};
  EXPECT_EQ(decide(spec, 5, 3, {}).to, 5);
  EXPECT_EQ(decide(spec, 5, 9, {}).to, 9);
  EXPECT_EQ(decide(spec, 5, 9, paused(Direction::kOut)).to, 5);
  EXPECT_EQ(decide(spec, 5, 3, {}, kStart + 1h).to, 3);
}

TEST(Pause, HoldsAnHpaBeforeItsMetricsToo) {
  WorkloadSpec spec = shop();
  spec.hpa = HpaFlags{};
  const Decision decision = decide(spec, 1, 1, paused(Direction::kAll));
  EXPECT_EQ(decision.to, 1);
  EXPECT_EQ(decision.reason, Reason::kPaused);
}

TEST(SizeOrder, StandsInForWhatPoliciesWant) {
  const Orders orders{{}, SizeOrder{8, kStart + 1h}};
  EXPECT_EQ(decide(shop(), 5, 3, orders).to, 8);
  EXPECT_EQ(decide(shop(), 5, 15, orders).to, 8);
  EXPECT_EQ(decide(shop(), 8, 15, orders).to, 8);
  EXPECT_EQ(decide(shop(), 12, 3, orders).to, 8);
  for (const double wanted : {3.0, 15.0}) {
    EXPECT_EQ(decide(shop(), 8, wanted, orders).reason, Reason::kSizeOrder);
    EXPECT_EQ(decide(shop(), 5, wanted, orders).reason, Reason::kSizeOrder);
  }
  EXPECT_EQ(decide(shop(), 5, 3, orders, kStart + 1h).to, 3) << "until its time";
}

TEST(SizeOrder, PassesWindowsLimitsCooldownsAndGuards) {
  WorkloadSpec spec = shop();
  spec.behavior = Behavior{};
  spec.cooldown_in = spec.cooldown_out = 1h;
  Recent recent = first_sight(spec, 16, kStart);
  recent.last_in = recent.last_out = kStart;
  const Orders small{{}, SizeOrder{3, kStart + 1h}};
  const Orders large{{}, SizeOrder{20, kStart + 1h}};
  EXPECT_EQ(decide(spec, 16, 16, small, kStart, recent).to, 3);
  EXPECT_EQ(decide(spec, 4, 4, large, kStart, recent).to, 20);
}

TEST(SizeOrder, IsHeldToTheWorkloadsBoundsButNotToThoseOfSchedules) {
  WorkloadSpec spec = shop();
  EXPECT_EQ(decide(spec, 5, 5, {{}, SizeOrder{90, kStart + 1h}}).to, 20);
  EXPECT_EQ(decide(spec, 5, 5, {{}, SizeOrder{0, kStart + 1h}}).to, 2);
  ScheduleSpec office;
  office.min = 12;
  spec.policies.push_back({"office", office});
  Workload workload = workload_of(12);
  workload.windows = {{1, kStart - 1h, kStart + 1h}};
  workload.orders.size = SizeOrder{4, kStart + 1h};
  EXPECT_EQ(evaluate(spec, workload, {for_service(9)}, {}, kStart).to, 4);
}

TEST(SizeOrder, TakesNothingAwayWithoutAJournal) {
  Workload workload = workload_of(9);
  workload.journal_writable = false;
  workload.orders.size = SizeOrder{4, kStart + 1h};
  EXPECT_EQ(evaluate(shop(), workload, {for_service(9)}, {}, kStart).to, 9);
  workload.orders.size->replicas = 12;
  EXPECT_EQ(evaluate(shop(), workload, {for_service(9)}, {}, kStart).to, 12);
}

TEST(SizeOrder, YieldsToAPause) {
  Orders orders = paused(Direction::kOut);
  orders.size = SizeOrder{8, kStart + 1h};
  EXPECT_EQ(decide(shop(), 5, 5, orders).to, 5);
  EXPECT_EQ(decide(shop(), 9, 9, orders).to, 8);
}

TEST(SizeOrder, IsHandedBackToThePolicies) {
  WorkloadSpec spec = shop();
  spec.behavior = Behavior{};
  Recent recent;
  const Orders orders{{}, SizeOrder{8, kStart + 10min}};
  for (Instant now = kStart; now < kStart + 10min; now += 5s) {
    record(spec, decide(spec, 8, 3, orders, now, recent), Outcome::kHeld, now, recent);
  }
  const Decision after = decide(spec, 8, 3, orders, kStart + 10min, recent);
  EXPECT_EQ(after.to, 8);
  EXPECT_EQ(after.reason, Reason::kStabilized);
}

TEST(SizeOrder, IsNotCountedAsAStepOfThePolicyThatWantedTheSame) {
  WorkloadSpec spec = shop();
  const Orders orders{{}, SizeOrder{8, kStart + 1h}};
  Recent recent = first_sight(spec, 5, kStart);
  record(spec, decide(spec, 5, 15, orders), Outcome::kApplied, kStart, recent);
  EXPECT_EQ(recent.policies.at(0).last_out, std::nullopt);
  EXPECT_EQ(recent.last_out, kStart) << "it is a change of size all the same";
}

}  // namespace
}  // namespace autoscaler
