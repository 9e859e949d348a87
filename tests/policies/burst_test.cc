#include "policies/burst.h"

#include "tests/policies/scene_builder.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;
using Target = TrackSpec::Target;

// 100/s an instance, over a long window and a short one; scale-out waits a minute for certainty.
class Bursty {
 public:
  explicit Bursty(int32_t size) : size_(size) {
    TrackSpec rule = track(100, Target::kPerInstance);
    rule.burst = TrackSpec::Burst{.signal = 1};
    spec = spec_of(rule);
    spec.signals = {signal_spec("rps"), signal_spec("rps-fast")};
    spec.behavior = Behavior{};
    spec.behavior->up.stabilization = 60s;
    spec.behavior->up.policies = {{ScalingRules::RatePolicy::Type::kPods, 100, 15s}};
    spec.behavior->down.stabilization = 0s;
    recent = first_sight(spec, size, now - 1h);
    recent.recommendations = {{now - 1h, now, size}};
  }

  Decision tick(double slow, const Reading& fast) {
    now += 10s;
    const auto decision = evaluate(spec, workload_of(size_),
                                   {for_service(slow, now), for_service(fast)}, recent, now);
    record(spec, decision, decision.to == size_ ? Outcome::kHeld : Outcome::kApplied, now, recent);
    size_ = decision.to;
    return decision;
  }
  Decision tick(double slow, double fast) { return tick(slow, measured(fast, now + 10s)); }

  WorkloadSpec spec;
  Recent recent;
  Instant now = kStart;

 private:
  int32_t size_;
};

TEST(Burst, LiftsTheWindowThatWouldHoldItsWishBack) {
  Bursty service(4);
  const auto slow_rise = service.tick(600, 700);
  EXPECT_EQ(slow_rise.to, 4) << "7 is no twice 4: the window holds";
  EXPECT_EQ(slow_rise.reason, Reason::kStabilized);
  const auto burst = service.tick(600, 701);
  EXPECT_EQ(burst.to, 8) << "ceil(7.01) is twice 4";
  EXPECT_EQ(burst.reason, Reason::kScaleOut);
  ASSERT_EQ(burst.adjustments.size(), 2u);
  EXPECT_EQ(burst.adjustments[0].rule, Rule::kStabilizeOut);
  EXPECT_EQ(burst.adjustments[1].rule, Rule::kBurst);
  EXPECT_EQ(burst.adjustments[1].before, 4);
}

TEST(Burst, WantsTheMostItWantedAndNothingScalesInUntilAWindowAfterIt) {
  Bursty service(4);
  EXPECT_EQ(service.tick(400, 2000).to, 20);
  const Instant end = service.now;
  while (service.now < end + 50s) {
    const auto held = service.tick(400, 400);
    ASSERT_EQ(held.to, 20) << (service.now - end).count();
    ASSERT_EQ(held.combined, 20) << "the peak";
  }
  EXPECT_EQ(service.tick(400, 400).to, 4) << "60 s after the last tick that was past";
}

TEST(Burst, HoldsAScaleInThatOthersWant) {
  Bursty service(4);
  service.tick(400, 2000);
  service.spec.groups = {{"both"}};  // in a group the burst alone decides nothing
  service.spec.policies.push_back({"other", track(1000, Target::kPerInstance, 0), 0});
  service.spec.policies[0].group = 0;
  const auto held = service.tick(400, 400);
  EXPECT_EQ(held.combined, 20);
  service.spec.policies[0].group.reset();
  service.recent.policies[0].burst_peak = 5;
  const auto lower = service.tick(400, 400);
  EXPECT_EQ(lower.combined, 5);
  EXPECT_EQ(lower.to, 20);
  EXPECT_EQ(lower.reason, Reason::kBurst);
}

TEST(Burst, RateLimitsAndBoundsHoldAllTheSame) {
  Bursty service(4);
  service.spec.behavior->up.policies = {{ScalingRules::RatePolicy::Type::kPods, 3, 60s}};
  EXPECT_EQ(service.tick(400, 2000).to, 7);
  service.spec.behavior->up.policies[0].value = 100;
  service.spec.bounds.max = 10;
  EXPECT_EQ(service.tick(400, 400).to, 10);
}

TEST(Burst, WhatIsOrderedAndNotYetInServiceIsNoBurst) {
  Bursty service(2);
  service.now += 10s;
  const auto warming = evaluate(service.spec, workload_of(2, 8),
                                {for_service(200, service.now), for_service(300, service.now)},
                                service.recent, service.now);
  EXPECT_FALSE(warming.proposals[0].burst.has_value());
}

TEST(Burst, OfUtilizationItIsTheAverageOfThoseInService) {
  TrackSpec rule = track(0.5);
  rule.burst = TrackSpec::Burst{.signal = 1};
  auto spec = spec_of(rule);
  spec.signals.push_back(signal_spec("cpu-fast"));
  const auto burst_at = [&](double fast) {
    const auto decision = evaluate(
        spec, workload_of(4),
        {per_instance({0.5, 0.5, 0.5, 0.5}), per_instance({fast, fast, fast, fast})}, {}, kStart);
    return decision.proposals.at(0).burst;
  };
  EXPECT_EQ(burst_at(0.87), std::nullopt) << "4 x 0.87 / 0.5 is 6.96: 7";
  EXPECT_EQ(burst_at(0.88), 8);
}

TEST(Burst, WithItsSignalMissingNothingScalesInByWhenMissing) {
  Bursty service(4);
  service.recent.recommendations.clear();
  const auto held = service.tick(100, missing());
  EXPECT_EQ(held.to, 4);
  EXPECT_EQ(held.reason, Reason::kMissingSignal);
  EXPECT_FALSE(held.proposals[0].burst.has_value());
}

}  // namespace
}  // namespace autoscaler
