#include "policies/when_missing.h"

#include "tests/policies/scene_builder.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;
using Kind = WhenMissing::Kind;

// A total of requests, 100 for each instance; ticks of 5 s that are applied.
struct Line {
  explicit Line(WhenMissing when) {
    spec = spec_of(track(100, TrackSpec::Target::kPerInstance));
    spec.signals[0].when_missing = when;
    spec.bounds = {1, 20};
    recent = first_sight(spec, size, now);
  }
  Decision tick(const Signal& signal) {
    now += 5s;
    auto decision = evaluate(spec, workload_of(size), {signal}, recent, now);
    record(spec, decision, decision.to == decision.from ? Outcome::kHeld : Outcome::kApplied, now,
           recent);
    size = decision.to;
    return decision;
  }
  Decision good(double value) { return tick(for_service(value, now + 5s)); }
  Decision gone() { return tick(for_service(missing())); }

  WorkloadSpec spec;
  int32_t size = 6;
  Instant now = kStart;
  Recent recent;
};

TEST(WhenMissing, HoldKeepsTheSizeForAsLongAsItTakes) {
  Line line({});
  line.good(600);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(line.gone().to, 6);
  EXPECT_EQ(line.good(200).to, 2);
}

TEST(WhenMissing, IgnoreAbstainsAndBlocksNothing) {
  Line line({.kind = Kind::kIgnore});
  const auto decision = line.gone();
  EXPECT_EQ(decision.proposals[0].abstain, AbstainReason::kSignalMissing);
  EXPECT_FALSE(decision.proposals[0].blocks_in);
  EXPECT_EQ(decision.to, 6);
}

TEST(WhenMissing, LastSpeaksOnUntilItIsTooOldThenHolds) {
  Line line({.kind = Kind::kLast, .hold_last_for = 20s});
  line.good(600);
  line.size = 9;  // someone else's hand: the last value wants 6 again
  EXPECT_EQ(line.gone().to, 6);
  EXPECT_EQ(line.recent.signals[0].last_value, 600);
  line.gone();
  line.gone();
  const auto last = line.gone();
  EXPECT_EQ(last.proposals[0].fallback, Kind::kLast) << "20 s old";
  line.size = 9;
  const auto held = line.gone();
  EXPECT_EQ(held.to, 9) << "25 s old";
  EXPECT_EQ(held.proposals[0].fallback, Kind::kHold);
}

TEST(WhenMissing, LastOfAMeanOverInstancesIsNoTotalOfTheService) {
  Line line({.kind = Kind::kLast, .hold_last_for = 1h});
  line.tick(per_instance({100, 100, 100, 100, 100, 100}, line.now + 5s));
  EXPECT_EQ(line.gone().to, 6) << "600 in all, not 100";
}

TEST(WhenMissing, FloorHoldsAndWantsAtLeastItsNumber) {
  Line line({.kind = Kind::kFloor, .replicas = 8});
  EXPECT_EQ(line.gone().to, 8);
  line.size = 12;
  const Decision held = line.gone();
  EXPECT_EQ(held.to, 12);
  EXPECT_EQ(held.reason, Reason::kMissingSignal) << "it is on no target";
}

TEST(WhenMissing, SizeWantsItsNumberWhateverStands) {
  Line line({.kind = Kind::kSize, .replicas = 3});
  EXPECT_EQ(line.gone().to, 3);
  line.size = 2;
  EXPECT_EQ(line.gone().to, 3);
}

TEST(WhenMissing, TowardsMaxStepsOnceEveryWhileAndEndsAtTheMaximum) {
  Line line({.kind = Kind::kTowardsMax, .replicas = 5, .every = 15s});
  EXPECT_EQ(line.gone().to, 11);
  EXPECT_EQ(line.gone().to, 11);
  EXPECT_EQ(line.gone().to, 11);
  EXPECT_EQ(line.gone().to, 16) << "15 s after the first";
  for (int i = 0; i < 3; ++i) line.gone();
  EXPECT_EQ(line.size, 20);
  EXPECT_EQ(line.good(100).to, 1);
  EXPECT_EQ(line.gone().to, 6) << "a new gap steps at once";
}

TEST(WhenMissing, UntilAfterEveryKindHolds) {
  for (const Kind kind :
       {Kind::kIgnore, Kind::kLast, Kind::kFloor, Kind::kSize, Kind::kTowardsMax}) {
    Line line({.kind = kind, .after = 10s, .hold_last_for = 1h, .replicas = 9, .every = 1s});
    line.good(600);
    EXPECT_EQ(line.gone().proposals[0].fallback, Kind::kHold);
    EXPECT_EQ(line.gone().proposals[0].fallback, Kind::kHold);
    EXPECT_EQ(line.gone().proposals[0].fallback, kind) << "missing for 10 s";
  }
}

TEST(WhenMissing, AThresholdWantsAtLeastTheFallbacksNumber) {
  ThresholdSpec threshold;
  threshold.out = ThresholdSpec::Rule{};
  threshold.out->marks = {{0, true, 0.9}};
  threshold.in = ThresholdSpec::Rule{};
  threshold.in->marks = {{0, false, 0.1}};
  auto spec = spec_of(threshold);
  spec.signals[0].when_missing = {.kind = Kind::kFloor, .replicas = 8};
  EXPECT_EQ(proposed(spec, workload_of(6), {for_service(missing())}), 8);
}

}  // namespace
}  // namespace autoscaler
