#include "policies/threshold.h"

#include "tests/policies/scene_builder.h"

#include <gtest/gtest.h>

#include <limits>

namespace autoscaler {
namespace {

using namespace testing;
constexpr double kInf = std::numeric_limits<double>::infinity();

ThresholdSpec::Rule rule(std::vector<Mark> marks, bool all, int32_t samples, SizeChange change) {
  ThresholdSpec::Rule result;
  result.all = all;
  result.marks = std::move(marks);
  result.samples = samples;
  result.change = change;
  return result;
}

// Out by 2 when latency > 0.5 or errors > 0.05; in by 1 when both are low for 3 samples.
WorkloadSpec two_signals() {
  ThresholdSpec threshold;
  threshold.out = rule({{0, true, 0.5}, {1, true, 0.05}}, false, 1, {2, {}});
  threshold.in = rule({{0, false, 0.2}, {1, false, 0.01}}, true, 3, {1, {}});
  WorkloadSpec spec = spec_of(threshold);
  spec.signals = {signal_spec("latency"), signal_spec("errors")};
  return spec;
}

Signals readings(double latency, double errors, Instant at = kStart) {
  return {for_service(latency, at), for_service(errors, at)};
}

// Runs ticks of 5 s, each with a new sample, and applies what is decided.
struct Line {
  explicit Line(WorkloadSpec s, int32_t start)
      : spec(std::move(s)), size(start), recent(first_sight(spec, start, kStart - 1h)) {}

  Decision tick(const Signals& signals) {
    auto decision = evaluate(spec, workload_of(size), signals, recent, now);
    record(spec, decision, decision.to == decision.from ? Outcome::kHeld : outcome, now, recent);
    if (outcome == Outcome::kApplied) size = decision.to;
    now += 5s;
    return decision;
  }
  Decision tick(double latency, double errors) { return tick(readings(latency, errors, now)); }

  WorkloadSpec spec;
  int32_t size;
  Recent recent;
  Instant now = kStart;
  Outcome outcome = Outcome::kApplied;
};

TEST(Threshold, GoesOutWhenAnyMarkIsPast) {
  EXPECT_EQ(proposed(two_signals(), workload_of(4), readings(0.6, 0)), 6);
  EXPECT_EQ(proposed(two_signals(), workload_of(4), readings(0.1, 0.06)), 6);
  EXPECT_EQ(proposed(two_signals(), workload_of(4), readings(0.5, 0.05)), 4) << "on the mark";
}

TEST(Threshold, NamesTheSignalThatSpoke) {
  const auto decision = evaluate(two_signals(), workload_of(4), readings(0.1, 0.06), {}, kStart);
  const Proposal& proposal = decision.proposals[0];
  EXPECT_EQ(proposal.signal, 1);
  EXPECT_EQ(proposal.current, 0.06);
  EXPECT_EQ(proposal.target, 0.05);
}

TEST(Threshold, OfAllMarksEachMustBePast) {
  auto spec = two_signals();
  std::get<ThresholdSpec>(spec.policies[0].rule).out->all = true;
  EXPECT_EQ(proposed(spec, workload_of(4), readings(0.6, 0)), 4);
  EXPECT_EQ(proposed(spec, workload_of(4), readings(0.6, 0.06)), 6);
}

TEST(Threshold, GoesInAfterItsSamplesAndNotBefore) {
  Line line(two_signals(), 4);
  EXPECT_EQ(line.tick(0.1, 0).to, 4);
  EXPECT_EQ(line.tick(0.1, 0).to, 4);
  EXPECT_EQ(line.tick(0.1, 0).to, 3);
}

TEST(Threshold, AHighSampleStartsTheCountAgain) {
  Line line(two_signals(), 4);
  line.tick(0.1, 0);
  line.tick(0.1, 0);
  line.tick(0.3, 0);  // between the marks
  EXPECT_EQ(line.tick(0.1, 0).to, 4);
  EXPECT_EQ(line.tick(0.1, 0).to, 4);
  EXPECT_EQ(line.tick(0.1, 0).to, 3);
}

TEST(Threshold, ATickWithoutANewSampleCountsNothing) {
  Line line(two_signals(), 4);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(line.tick(readings(0.1, 0, kStart)).to, 4);
  EXPECT_EQ(line.tick(readings(0.1, 0, kStart + 1s)).to, 4);
  EXPECT_EQ(line.tick(readings(0.1, 0, kStart + 2s)).to, 3);
}

TEST(Threshold, ASignalThatWentMissingFiresNothingFromOldCounts) {
  auto spec = two_signals();
  spec.signals[0].when_missing.kind = WhenMissing::Kind::kIgnore;
  std::get<ThresholdSpec>(spec.policies[0].rule).out->cooldown = 0s;
  Line line(spec, 4);
  line.outcome = Outcome::kSkipped;
  EXPECT_EQ(line.tick(0.6, 0).to, 6);
  EXPECT_EQ(line.tick({for_service(missing()), for_service(0.0, kStart)}).to, 4);
}

TEST(Threshold, CooldownHoldsItsOwnNextStepFrom5MinutesOn) {
  Line line(two_signals(), 4);
  EXPECT_EQ(line.tick(0.6, 0).to, 6);
  for (int i = 1; i < 60; ++i) {
    const auto decision = line.tick(0.6, 0);
    ASSERT_EQ(decision.to, 6) << "tick " << i;
    ASSERT_EQ(decision.reason, Reason::kCooldown);
    ASSERT_TRUE(decision.proposals[0].cooling);
  }
  EXPECT_EQ(line.tick(0.6, 0).to, 8) << "300 s later";
}

TEST(Threshold, ScaleInWaitsForBothCooldownsAndScaleOutOnlyForItsOwn) {
  Line line(two_signals(), 4);
  line.recent.policies[0].last_in = kStart - 10s;
  EXPECT_EQ(line.tick(0.6, 0).to, 6) << "a scale-in just now does not hold a scale-out";
  for (int i = 0; i < 10; ++i) EXPECT_EQ(line.tick(0.1, 0).to, 6) << "a scale-out holds scale-in";
}

TEST(Threshold, CooldownStartsOnlyWithAResizeThatItBoundAndThatWasMade) {
  for (const Outcome outcome : {Outcome::kSkipped, Outcome::kFailed}) {
    Line line(two_signals(), 4);
    line.outcome = outcome;
    EXPECT_EQ(line.tick(0.6, 0).to, 6);
    EXPECT_EQ(line.tick(0.6, 0).to, 6);
    EXPECT_FALSE(line.recent.policies[0].last_out);
  }
  auto spec = two_signals();
  spec.policies.push_back({"other", track(0.1, TrackSpec::Target::kValue)});
  Line line(spec, 4);
  EXPECT_EQ(line.tick(0.6, 0).to, 24) << "bound by the other policy";
  EXPECT_FALSE(line.recent.policies[0].last_out);
  EXPECT_TRUE(line.recent.policies[1].last_out);
}

TEST(Threshold, ABoundsRepairStartsNoCooldown) {
  auto spec = two_signals();
  spec.bounds = {6, 10};
  Line line(spec, 4);
  const auto decision = line.tick(0.3, 0);
  EXPECT_EQ(decision.to, 6);
  EXPECT_EQ(decision.reason, Reason::kBelowMin);
  EXPECT_FALSE(line.recent.policies[0].last_out);
  EXPECT_FALSE(line.recent.last_out) << "nor the workload's";
}

TEST(Threshold, NoTrafficIsLowAndNeverHigh) {
  ThresholdSpec threshold;
  threshold.out = rule({{0, true, 0.5}}, false, 1, {1, {}});
  threshold.in = rule({{0, false, 0.2}}, true, 1, {1, {}});
  auto spec = spec_of(threshold);
  spec.signals[0].kind = SignalSpec::Kind::kHistogram;
  const auto quiet = for_service(measured(BucketRates{{1, kInf}, {0, 0}}));
  EXPECT_EQ(proposed(spec, workload_of(4), {quiet}), 3);

  std::get<ThresholdSpec>(spec.policies[0].rule).in->marks[0].above = true;
  EXPECT_EQ(proposed(spec, workload_of(4), {quiet}), 4) << "an `in` mark that is `above`";
  std::get<ThresholdSpec>(spec.policies[0].rule).out->marks[0].above = false;
  EXPECT_EQ(proposed(spec, workload_of(4), {quiet}), 4) << "an `out` mark that is `below`";
}

TEST(Threshold, WithoutAnInRuleItOnlyEverAsksForMore) {
  auto spec = two_signals();
  std::get<ThresholdSpec>(spec.policies[0].rule).in.reset();
  const auto decision = evaluate(spec, workload_of(4), readings(0.1, 0), {}, kStart);
  EXPECT_EQ(decision.proposals[0].abstain, AbstainReason::kNoInRule);
  EXPECT_EQ(proposed(spec, workload_of(4), readings(0.6, 0)), 6);
}

TEST(Threshold, OneMissingSignalBlocksInButNotTheOthersScaleOut) {
  const auto spec = two_signals();
  const Signals low = {for_service(missing()), for_service(0.0)};
  const auto held = evaluate(spec, workload_of(4), low, {}, kStart);
  EXPECT_TRUE(held.proposals[0].blocks_in);
  EXPECT_EQ(held.proposals[0].abstain, AbstainReason::kHeld);
  const Signals high = {for_service(missing()), for_service(0.06)};
  EXPECT_EQ(evaluate(spec, workload_of(4), high, {}, kStart).to, 6);
}

TEST(Threshold, AnIgnoredMissingSignalIsLeftOutOfAll) {
  auto spec = two_signals();
  spec.signals[0].when_missing.kind = WhenMissing::Kind::kIgnore;
  std::get<ThresholdSpec>(spec.policies[0].rule).in->samples = 1;
  const Signals low = {for_service(missing()), for_service(0.0)};
  EXPECT_EQ(evaluate(spec, workload_of(4), low, {}, kStart).to, 3);
  const Signals none = {for_service(missing()), for_service(missing())};
  spec.signals[1].when_missing.kind = WhenMissing::Kind::kIgnore;
  EXPECT_EQ(evaluate(spec, workload_of(4), none, {}, kStart).proposals[0].abstain,
            AbstainReason::kSignalMissing);
}

TEST(Threshold, APercentageIsRoundedAwayFromZeroAndAtLeastOne) {
  const struct {
    SizeChange change;
    int32_t size;
    int32_t want;
  } cases[] = {
      {{0, 25.0}, 4, 1},  {{0, 25.0}, 5, 2},   {{0, 25.0}, 8, 2},  {{0, 10.0}, 10, 1},
      {{0, 10.0}, 11, 2}, {{0, 100.0}, 7, 7},  {{0, 10.0}, 0, 1},  {{3, {}}, 10, 3},
      {{0, {}}, 10, 1},   {{0, 0.1}, 1000, 1}, {{0, 30.0}, 10, 3},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(instances_of(c.change, c.size), c.want)
        << c.change.percent.value_or(c.change.instances) << " of " << c.size;
  }
}

TEST(Threshold, NeverAsksForLessThanNothing) {
  ThresholdSpec threshold;
  threshold.in = rule({{0, false, 0.2}}, true, 1, {5, {}});
  EXPECT_EQ(proposed(spec_of(threshold), workload_of(2), {for_service(0.0)}), 0);
}

}  // namespace
}  // namespace autoscaler
