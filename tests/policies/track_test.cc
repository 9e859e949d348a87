#include "policies/track.h"

#include "tests/policies/scene_builder.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;
using Target = TrackSpec::Target;

TEST(Track, KeepsUtilizationAtItsTarget) {
  const struct {
    const char* name;
    std::vector<double> cpu;
    int32_t want;
  } cases[] = {
      {"on target", {0.65, 0.65, 0.65}, 3},
      {"upper edge of the dead band", {0.715, 0.715, 0.715}, 3},
      {"just past it: 3 x 0.72 / 0.65 = 3.3", {0.72, 0.72, 0.72}, 4},
      {"lower edge of the dead band", {0.585, 0.585, 0.585}, 3},
      {"just below it: 3 x 0.58 / 0.65 = 2.7", {0.58, 0.58, 0.58}, 3},
      {"twice the target", {1.3, 1.3, 1.3}, 6},
      {"a third of it", {0.21, 0.21, 0.21}, 1},
      {"no load at all", {0, 0, 0}, 0},
      {"uneven: the mean counts", {1.3, 0.65, 0.65}, 4},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(proposed(spec_of(track(0.65)), workload_of(3), {per_instance(c.cpu)}), c.want)
        << c.name;
  }
}

TEST(Track, RoundingOfFractionsNeverOrdersAnInstance) {
  // 0.1 + 0.1 + 0.1 is 0.30000000000000004.
  TrackSpec spec = track(0.1, Target::kPerInstance);
  spec.tolerance_out = spec.tolerance_in = 0;
  EXPECT_EQ(proposed(spec_of(spec), workload_of(3), {per_instance({0.1, 0.1, 0.1})}), 3);
  EXPECT_EQ(proposed(spec_of(spec), workload_of(1), {for_service(0.1 + 0.2)}), 3);
}

TEST(Track, TolerancesAreSeparateForOutAndIn) {
  TrackSpec spec = track(100, Target::kPerInstance);
  spec.tolerance_out = 0;
  spec.tolerance_in = 0.5;
  EXPECT_EQ(proposed(spec_of(spec), workload_of(4), {for_service(401.0)}), 5);
  EXPECT_EQ(proposed(spec_of(spec), workload_of(4), {for_service(200.0)}), 4);
  EXPECT_EQ(proposed(spec_of(spec), workload_of(4), {for_service(199.0)}), 2);
}

TEST(Track, WhatTargetsOfItsOwnShowIsOfTheServiceAsAWhole) {
  WorkloadSpec spec = spec_of(track(10, Target::kPerInstance));
  spec.signals[0].over_targets = true;
  spec.signals[0].aggregation = Aggregation::kSum;
  EXPECT_EQ(proposed(spec, workload_of(5), {per_instance(std::vector<double>{20})}), 2);
  EXPECT_EQ(proposed(spec, workload_of(2), {per_instance({50, 30, 20})}), 10);
  EXPECT_EQ(proposed(spec, workload_of(0), {per_instance({50, 30, 20})}), 10);
  EXPECT_EQ(proposed(spec, workload_of(10), {per_instance({50, 30, 20})}), 10);
  WorkloadSpec ratio = spec_of(track(0.65));
  ratio.signals[0].over_targets = true;
  EXPECT_EQ(proposed(ratio, workload_of(4), {per_instance({1.6, 1.0})}), 8);
}

TEST(Track, ATotalIsSharedByTheInstances) {
  const auto spec = spec_of(track(120, Target::kPerInstance));
  EXPECT_EQ(proposed(spec, workload_of(2), {for_service(600.0)}), 5);
  EXPECT_EQ(proposed(spec, workload_of(2), {for_service(260.0)}), 2) << "within tolerance";
  EXPECT_EQ(proposed(spec, workload_of(4), {for_service(240.0)}), 2);
  EXPECT_EQ(proposed(spec, workload_of(2), {per_instance({300, 300})}), 5)
      << "one by one: the same";
}

TEST(Track, ATotalNeverOrdersTwiceWhatIsWarmingUp) {
  const auto spec = spec_of(track(120, Target::kPerInstance));
  EXPECT_EQ(proposed(spec, workload_of(2, 3), {for_service(600.0)}), 5);
}

TEST(Track, AMeanOrASumOverInstancesIsTheSameDemand) {
  auto spec = spec_of(track(120, Target::kPerInstance));
  for (const Aggregation how : {Aggregation::kMean, Aggregation::kSum}) {
    spec.signals[0].aggregation = how;
    EXPECT_EQ(proposed(spec, workload_of(2), {per_instance({300, 300})}), 5);
  }
}

struct GapCase {
  const char* name;
  int32_t in_service;
  int32_t others;
  Lifecycle life;
  std::vector<Reading> readings;
  int32_t want;
};

void PrintTo(const GapCase& test, std::ostream* out) {
  *out << test.name;
}

class TrackWithGaps : public ::testing::TestWithParam<GapCase> {};

std::vector<Reading> loads(size_t count, double value, size_t unread = 0) {
  std::vector<Reading> readings(count, measured(value));
  readings.insert(readings.end(), unread, missing());
  return readings;
}

TEST_P(TrackWithGaps, CountsWhatItCannotSeeAgainstTheMove) {
  const GapCase& c = GetParam();
  EXPECT_EQ(proposed(spec_of(track(0.5)), workload_of(c.in_service, c.others, c.life),
                     {per_instance(c.readings)}),
            c.want);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, TrackWithGaps,
    ::testing::Values(
        GapCase{"2 at 130 % are 2.6 of 3 ordered", 2, 1, Lifecycle::kLaunching, loads(2, 0.65), 3},
        GapCase{"2 at 200 % want 4, 1 of the 2 new ones is warming", 2, 1, Lifecycle::kWarming,
                loads(2, 1.0), 4},
        GapCase{"what was ordered last tick is not ordered again", 2, 2, Lifecycle::kRequested,
                loads(2, 1.0), 4},
        GapCase{"overloaded with more ordered than needed: hold", 2, 8, Lifecycle::kWarming,
                loads(2, 1.0), 10},
        GapCase{"warming ones count as on target for scale-in: 2 x 0.4 + 2 = 2.8", 2, 2,
                Lifecycle::kWarming, loads(2, 0.2), 3},
        GapCase{"a warming instance's own load is not looked at", 2, 1, Lifecycle::kWarming,
                loads(3, 0.5), 3},
        GapCase{"a draining one neither", 2, 1, Lifecycle::kDraining, loads(3, 0.5), 2},
        GapCase{"unread ones on target: 6 x 0.4 + 4 = 6.4", 10, 0, Lifecycle::kInService,
                loads(6, 0.2, 4), 7},
        GapCase{"unread ones carry their share: 10 x 1.5", 10, 0, Lifecycle::kInService,
                loads(6, 0.75, 4), 15},
        GapCase{"and those that start do not: 10 x 1.5, 3 of the 5 new ones are there", 10, 3,
                Lifecycle::kLaunching, loads(6, 0.75, 4), 15},
        GapCase{"6 x 0.88 and 4 on target are 9.3 of 10: hold", 10, 0, Lifecycle::kInService,
                loads(6, 0.44, 4), 10},
        GapCase{"failed ones are being replaced: 3 x 1.2 is below the size of 5", 3, 2,
                Lifecycle::kReady, loads(3, 0.6), 5}),
    [](const auto& row) { return "Row" + std::to_string(row.index); });

TEST(Track, AValueNeverScalesInWhileOverloadedWithFewReady) {
  // The HPA multiplies by ready pods alone and would go from 3 to 2 here.
  const auto spec = spec_of(track(20, Target::kValue));
  EXPECT_EQ(proposed(spec, workload_of(1, 2), {for_service(39.0)}), 3);
  EXPECT_EQ(proposed(spec, workload_of(0, 3), {for_service(39.0)}), 3);
  EXPECT_EQ(proposed(spec, workload_of(3), {for_service(39.0)}), 6);
  EXPECT_EQ(proposed(spec, workload_of(4), {for_service(10.0)}), 2);
}

TEST(Track, SilentInstancesThatMayBeNewCountAsIdle) {
  auto spec = spec_of(track(0.5));
  spec.warmup = 30s;
  const auto wanted = [&](MissingReason reason, std::optional<Duration> since_out) {
    std::vector<Reading> readings = loads(6, 1.0);
    readings.insert(readings.end(), 4, missing(reason));
    Workload workload = workload_of(10);
    workload.time_to_ready = 60s;
    Recent recent;
    if (since_out) recent.last_out = kStart - *since_out;
    return proposed(spec, workload, {per_instance(readings)}, recent);
  };
  EXPECT_EQ(wanted(MissingReason::kTimeout, {}), 20);
  EXPECT_EQ(wanted(MissingReason::kTooFewSamples, {}), 12) << "they are new";
  EXPECT_EQ(wanted(MissingReason::kTimeout, 149s), 12) << "60 s to be ready, 30 to warm up, 60";
  EXPECT_EQ(wanted(MissingReason::kTimeout, 150s), 20);
}

// They are other machines, and no part of the size: 2 of them at three times the target are a
// service of 10 at three times the target.
TEST(Track, TargetsOfASignalsOwnAreNoInstances) {
  for (const Target kind : {Target::kUtilization, Target::kValue}) {
    auto spec = spec_of(track(0.5, kind));
    spec.signals[0].over_targets = true;
    EXPECT_EQ(proposed(spec, workload_of(10), {per_instance({1.5, 1.5})}), 30);
    EXPECT_EQ(proposed(spec, workload_of(10), {per_instance({0.25, 0.25})}), 5);
  }
  auto shared = spec_of(track(100, Target::kPerInstance));
  shared.signals[0].over_targets = true;
  shared.signals[0].aggregation = Aggregation::kSum;
  EXPECT_EQ(proposed(shared, workload_of(10), {per_instance({1200, 800})}), 20);
  EXPECT_EQ(proposed(shared, workload_of(2, 8), {per_instance({1200, 800})}), 20);
}

TEST(Track, StartsFromZeroWithoutTolerance) {
  EXPECT_EQ(proposed(spec_of(track(100, Target::kPerInstance)), workload_of(0), {for_service(1.0)}),
            1);
  EXPECT_EQ(proposed(spec_of(track(100, Target::kPerInstance)), workload_of(0), {for_service(0.0)}),
            0);
  EXPECT_EQ(proposed(spec_of(track(20, Target::kValue)), workload_of(0), {for_service(50.0)}), 3);
}

TEST(Track, AHugeValueEndsAtTheLargestCount) {
  EXPECT_EQ(
      proposed(spec_of(track(1e-9, Target::kPerInstance)), workload_of(2), {for_service(1e300)}),
      std::numeric_limits<int32_t>::max());
}

TEST(Track, WithoutTrafficItHasNothingToSayAndBlocksNothing) {
  auto spec = spec_of(track(0.3, Target::kValue));
  spec.signals[0].kind = SignalSpec::Kind::kRatio;
  const auto decision =
      evaluate(spec, workload_of(3), {for_service(measured(RatioParts{0, 0}))}, {}, kStart);
  EXPECT_EQ(decision.proposals[0].abstain, AbstainReason::kNoTraffic);
  EXPECT_FALSE(decision.proposals[0].blocks_in);
  EXPECT_EQ(decision.to, 3);
  EXPECT_EQ(decision.reason, Reason::kNoAnswer);
}

}  // namespace
}  // namespace autoscaler
