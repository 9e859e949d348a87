#include "policies/recent.h"
#include "tests/policies/scene_builder.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;

struct Limits {
  std::optional<int32_t> min = {}, max = {}, size = {};
};

PolicySpec schedule(std::string name, Limits limits) {
  ScheduleSpec spec;
  spec.min = limits.min;
  spec.max = limits.max;
  spec.size = limits.size;
  return {std::move(name), std::move(spec)};
}

// track wants as many instances as its signal says; behind it stand the schedules, all of them open
// since an hour and for another.
struct Shop {
  explicit Shop(std::vector<PolicySpec> schedules) {
    TrackSpec wants = track(1, TrackSpec::Target::kPerInstance);
    wants.tolerance_in = wants.tolerance_out = 0;
    spec = spec_of(wants);
    spec.bounds = {2, 20};
    for (PolicySpec& each : schedules) {
      windows.push_back({static_cast<uint16_t>(spec.policies.size()), kStart - 1h, kStart + 1h});
      spec.policies.push_back(std::move(each));
    }
  }

  Decision decide(int32_t size, Reading wanted, Instant now = kStart) const {
    Workload workload = workload_of(size);
    workload.windows = windows;
    return evaluate(spec, workload, {for_service(std::move(wanted))}, recent, now);
  }
  Decision decide(int32_t size, double wanted) const { return decide(size, measured(wanted)); }

  WorkloadSpec spec;
  std::vector<OpenWindow> windows;
  Recent recent;
};

TEST(Schedule, ItsSizeIsAWishLikeAnyOther) {
  const Shop shop({schedule("office", {.size = 8})});
  EXPECT_EQ(shop.decide(4, 3).to, 8);
  EXPECT_EQ(shop.decide(4, 3).reason, Reason::kScaleOut);
  EXPECT_EQ(shop.decide(4, 3).bound_by, 1);
  EXPECT_EQ(shop.decide(4, 11).to, 11) << "the largest wins";
}

TEST(Schedule, OutsideOfItsWindowItAbstainsAndBlocksNothing) {
  Shop shop({schedule("office", {.min = 12, .size = 12})});
  shop.windows.clear();
  const Decision decision = shop.decide(8, 3);
  EXPECT_EQ(decision.to, 3);
  EXPECT_EQ(decision.proposals.at(1).abstain, AbstainReason::kOutsideWindow);
  EXPECT_FALSE(decision.proposals.at(1).blocks_in);
}

TEST(Schedule, BoundsOfAnOpenWindowAreNoWish) {
  const Shop shop({schedule("office", {.min = 5})});
  const Decision decision = shop.decide(12, 9);
  EXPECT_EQ(decision.to, 9) << "above min the others decide";
  EXPECT_EQ(decision.proposals.at(1).abstain, AbstainReason::kBoundsOnly);
}

TEST(Schedule, MinHoldsAtOnceAndNamesItsSchedule) {
  Shop shop({schedule("office", {.min = 12})});
  shop.spec.behavior = Behavior{};  // at most 4 or 100 % in 15 s
  const Decision decision = shop.decide(4, 3);
  EXPECT_EQ(decision.to, 12);
  EXPECT_EQ(decision.reason, Reason::kScheduled);
  EXPECT_EQ(decision.adjustments.back().rule, Rule::kScheduleMin);
  EXPECT_EQ(decision.adjustments.back().policy, 1);
  EXPECT_EQ(shop.decide(12, 3).to, 12);
  EXPECT_EQ(shop.decide(12, 3).reason, Reason::kScheduled);
  EXPECT_EQ(shop.decide(12, missing()).to, 12) << "with every signal missing too";
  EXPECT_EQ(shop.decide(4, missing()).to, 12);
}

TEST(Schedule, MaxHoldsAtOnceAndNamesItsSchedule) {
  const Shop shop({schedule("night", {.max = 5})});
  const Decision decision = shop.decide(9, 9);
  EXPECT_EQ(decision.to, 5);
  EXPECT_EQ(decision.reason, Reason::kScheduled);
  EXPECT_EQ(decision.adjustments.back().rule, Rule::kScheduleMax);
  EXPECT_EQ(decision.combined, 9) << "what is wanted is remembered: the end of the window grows";
  EXPECT_EQ(shop.decide(5, 9).reason, Reason::kScheduled);
}

TEST(Schedule, OfOverlappingWindowsTheLargestMinAndTheSmallestMaxCount) {
  const Shop shop({schedule("a", {.min = 4, .max = 15}), schedule("b", {.min = 7, .max = 9})});
  EXPECT_EQ(shop.decide(8, 2).to, 7);
  EXPECT_EQ(shop.decide(8, 2).adjustments.back().policy, 2);
  EXPECT_EQ(shop.decide(8, 18).to, 9);
}

TEST(Schedule, WhereMinAndMaxCrossMinHolds) {
  const Shop shop({schedule("day", {.min = 12}), schedule("thrift", {.max = 6})});
  EXPECT_EQ(shop.decide(4, 3).to, 12);
  EXPECT_EQ(shop.decide(14, 20).to, 12);
}

TEST(Schedule, TheWorkloadsOwnBoundsAreNeverWidened) {
  EXPECT_EQ(Shop({schedule("a", {.min = 90})}).decide(4, 3).to, 20);
  EXPECT_EQ(Shop({schedule("a", {.max = 1})}).decide(4, 9).to, 2);
  EXPECT_EQ(Shop({schedule("a", {.size = 90})}).decide(4, 9).to, 20);
}

TEST(Schedule, AWindowThatBeginsEarlyOrdersButTakesNothingAway) {
  Shop shop({schedule("office", {.min = 6, .max = 8})});
  shop.windows[0].opens = kStart + 30s;
  EXPECT_EQ(shop.decide(2, 2).to, 6);
  EXPECT_EQ(shop.decide(12, 12).to, 12);
  EXPECT_EQ(shop.decide(12, measured(12.0), kStart + 30s).to, 8);
}

TEST(Schedule, TheEndOfAWindowHandsBackAndDoesNotCut) {
  Shop shop({schedule("office", {.min = 12})});
  shop.spec.behavior = Behavior{};
  int32_t size = 12;
  const auto tick = [&](Instant now, double wanted) {
    const Decision decision = shop.decide(size, measured(wanted, now), now);
    record(shop.spec, decision, decision.to == size ? Outcome::kHeld : Outcome::kApplied, now,
           shop.recent);
    size = decision.to;
    return decision.reason;
  };
  Instant now = kStart;
  for (; now < kStart + 10min; now += 5s) EXPECT_EQ(tick(now, 3), Reason::kScheduled);
  shop.windows.clear();
  const Instant closed = now;
  for (; now < closed + 295s; now += 5s) {
    EXPECT_EQ(tick(now, 3), Reason::kStabilized);
    EXPECT_EQ(size, 12);
  }
  EXPECT_EQ(tick(now, 3), Reason::kScaleIn);
  EXPECT_EQ(size, 3);
}

TEST(Schedule, WhatItMovesStartsNoCooldown) {
  Shop shop({schedule("office", {.min = 12})});
  shop.spec.cooldown_out = 5min;
  const Decision decision = shop.decide(4, 3);
  record(shop.spec, decision, Outcome::kApplied, kStart, shop.recent);
  EXPECT_EQ(shop.recent.last_out, std::nullopt);
  EXPECT_EQ(shop.decide(12, 15).to, 15) << "load that comes meanwhile does not wait";
}

TEST(Schedule, TheHpasChecksBeforeItsMetricsKnowItsBounds) {
  Shop shop({schedule("office", {.min = 6, .max = 9})});
  shop.spec.hpa = HpaFlags{};
  shop.spec.policies.erase(shop.spec.policies.begin());
  shop.windows[0].policy = 0;
  EXPECT_EQ(shop.decide(4, 7).to, 6);
  EXPECT_EQ(shop.decide(4, 7).reason, Reason::kScheduled);
  EXPECT_EQ(shop.decide(12, 7).to, 9);
  EXPECT_EQ(shop.decide(12, 7).adjustments.back().rule, Rule::kScheduleMax);
}

}  // namespace
}  // namespace autoscaler
