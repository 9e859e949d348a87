#include "policies/recent.h"

#include "tests/policies/scene_builder.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;

Decision decision(int32_t from, int32_t to, int32_t combined) {
  Decision result;
  result.from = from;
  result.to = to;
  result.combined = combined;
  return result;
}

WorkloadSpec with_behavior() {
  WorkloadSpec spec = spec_of(track(1));
  spec.behavior = Behavior{};
  return spec;
}

TEST(Recent, FirstSightRemembersTheSizeThatStands) {
  const auto recent = first_sight(with_behavior(), 7, kStart);
  EXPECT_EQ(recent.first_seen, kStart);
  ASSERT_EQ(recent.recommendations.size(), 1u);
  EXPECT_EQ(recent.recommendations[0].replicas, 7);
}

TEST(Recent, EqualRecommendationsAreOneRunAndOldRunsAreForgotten) {
  const auto spec = with_behavior();
  Recent recent = first_sight(spec, 7, kStart);
  for (int i = 1; i <= 60; ++i)
    record(spec, decision(7, 7, 5), Outcome::kHeld, kStart + i * 5s, recent);
  ASSERT_EQ(recent.recommendations.size(), 2u);
  EXPECT_EQ(recent.recommendations[1].first, kStart + 5s);
  EXPECT_EQ(recent.recommendations[1].last, kStart + 300s);
  record(spec, decision(7, 7, 5), Outcome::kHeld, kStart + 301s, recent);
  EXPECT_EQ(recent.recommendations.size(), 1u) << "the first is older than the window now";
}

TEST(Recent, OnlyAnAppliedChangeIsAnEvent) {
  const auto spec = with_behavior();
  for (const Outcome outcome : {Outcome::kHeld, Outcome::kSkipped, Outcome::kFailed}) {
    Recent recent;
    record(spec, decision(4, 6, 6), outcome, kStart, recent);
    EXPECT_TRUE(recent.events.empty()) << outcome_name(outcome);
    EXPECT_FALSE(recent.last_out) << outcome_name(outcome);
    EXPECT_EQ(recent.recommendations.back().replicas, 6) << outcome_name(outcome);
  }
  Recent recent;
  record(spec, decision(4, 6, 6), Outcome::kApplied, kStart, recent);
  ASSERT_EQ(recent.events.size(), 1u);
  EXPECT_EQ(recent.events[0].change, 2);
  EXPECT_EQ(recent.last_out, kStart);
  record(spec, decision(6, 5, 5), Outcome::kApplied, kStart + 10s, recent);
  EXPECT_EQ(recent.events[1].change, -1);
  EXPECT_EQ(recent.last_in, kStart + 10s);
  record(spec, decision(5, 5, 5), Outcome::kHeld, kStart + 16s, recent);
  EXPECT_EQ(recent.events.size(), 1u) << "older than the longest period of 15 s";
}

TEST(Recent, ABoundsRepairStartsNoCooldownAndNoRateLimitButTheHpaCountsIt) {
  auto spec = with_behavior();
  Decision repair = decision(0, 2, 0);
  repair.reason = Reason::kBelowMin;
  Recent recent;
  record(spec, repair, Outcome::kApplied, kStart, recent);
  EXPECT_TRUE(recent.events.empty());
  EXPECT_FALSE(recent.last_out);
  spec.hpa = HpaFlags{};
  record(spec, repair, Outcome::kApplied, kStart, recent);
  EXPECT_EQ(recent.events.size(), 1u);
}

TEST(Recent, WithoutBehaviorNothingPilesUp) {
  const auto spec = spec_of(track(1));
  Recent recent = first_sight(spec, 4, kStart);
  for (int i = 1; i < 1000; ++i) {
    record(spec, decision(4, 4 + i % 2, 4 + i % 2), Outcome::kApplied, kStart + i * 5s, recent);
  }
  EXPECT_LE(recent.recommendations.size(), 1u);
  EXPECT_TRUE(recent.events.empty());
}

TEST(Recent, AGapInASignalIsDatedFromItsFirstTick) {
  const auto spec = spec_of(track(1));
  Recent recent;
  for (int i = 0; i < 3; ++i) {
    const Instant now = kStart + i * 5s;
    record(spec, evaluate(spec, workload_of(2), {for_service(missing())}, recent, now),
           Outcome::kHeld, now, recent);
  }
  EXPECT_EQ(recent.signals.at(0).missing_since, kStart);
  const Instant back = kStart + 20s;
  record(spec, evaluate(spec, workload_of(2), {for_service(1.0, back)}, recent, back),
         Outcome::kHeld, back, recent);
  EXPECT_FALSE(recent.signals.at(0).missing_since);
  EXPECT_EQ(recent.signals.at(0).last_value_at, back);
}

}  // namespace
}  // namespace autoscaler
