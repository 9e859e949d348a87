#include "policies/aggregate.h"

#include "tests/policies/scene_builder.h"

#include <gtest/gtest.h>

#include <limits>

namespace autoscaler {
namespace {

using namespace testing;
using Life = Lifecycle;
constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::vector<Instance> in_service(size_t count) {
  return instances(std::vector<Life>(count, Life::kInService));
}

TEST(Aggregate, NumbersByEveryAggregation) {
  const struct {
    Aggregation how;
    std::vector<double> values;
    double want;
  } cases[] = {
      {Aggregation::kMean, {1, 2, 6}, 3},   {Aggregation::kSum, {1, 2, 6}, 9},
      {Aggregation::kMax, {1, 6, 2}, 6},    {Aggregation::kMin, {2, 1, 6}, 1},
      {Aggregation::kMedian, {6, 1, 2}, 2}, {Aggregation::kMedian, {6, 1, 2, 4}, 3},
      {Aggregation::kMean, {0.5}, 0.5},     {Aggregation::kMedian, {0.5}, 0.5},
  };
  for (const auto& c : cases) {
    SignalSpec spec = signal_spec("s");
    spec.aggregation = c.how;
    const auto got = aggregate(spec, per_instance(c.values), in_service(c.values.size()), kStart);
    ASSERT_TRUE(got.value);
    EXPECT_DOUBLE_EQ(*got.value, c.want) << static_cast<int>(c.how);
    EXPECT_EQ(got.reporting, static_cast<int32_t>(c.values.size()));
  }
}

TEST(Aggregate, PercentilesLieBetweenTheTwoNearest) {
  SignalSpec spec = signal_spec("s");
  spec.aggregation = Aggregation::kPercentile;
  for (const auto& [percentile, want] :
       {std::pair(0.0, 1.0), std::pair(0.5, 2.5), std::pair(0.9, 3.7), std::pair(1.0, 4.0)}) {
    spec.percentile = percentile;
    const auto got =
        aggregate(spec, per_instance(std::vector<double>{4, 1, 3, 2}), in_service(4), kStart);
    EXPECT_DOUBLE_EQ(got.value.value(), want) << percentile;
  }
}

TEST(Aggregate, AQuantileOfFewObservationsIsMissing) {
  SignalSpec spec = signal_spec("latency", SignalSpec::Kind::kHistogram);
  spec.min_observations = 10;
  const auto of = [&](double rate, Duration window) {
    const Reading one = measured(BucketRates{{0.1, kInf}, {rate, 0}}, kStart, window);
    return aggregate(spec, per_instance(std::vector<Reading>{one, one}), in_service(2), kStart);
  };
  EXPECT_EQ(of(0.15, 30s).missing, MissingReason::kTooFewObservations) << "9";
  EXPECT_FALSE(of(0.16, 30s).missing) << "9.6 are 10";
  EXPECT_TRUE(of(0, 30s).idle) << "no traffic is no shortage";
  EXPECT_FALSE(of(0.01, 0s).missing) << "it does not say over how long";
}

TEST(Aggregate, RatiosAreMergedAsSumOverSum) {
  // 1 of 1 failed on an idle instance, 0 of 99 on a busy one: 1 %, not the mean's 50 %.
  const auto signal =
      per_instance(std::vector<Reading>{measured(RatioParts{1, 1}), measured(RatioParts{0, 99})});
  const auto got =
      aggregate(signal_spec("errors", SignalSpec::Kind::kRatio), signal, in_service(2), kStart);
  EXPECT_DOUBLE_EQ(got.value.value(), 0.01);
}

TEST(Aggregate, HistogramsAreMergedBeforeTheQuantileIsTaken) {
  SignalSpec spec = signal_spec("latency", SignalSpec::Kind::kHistogram);
  spec.quantile = 0.8;
  const auto signal =
      per_instance(std::vector<Reading>{measured(BucketRates{{0.1, 0.5, kInf}, {50, 0, 0}}),
                                        measured(BucketRates{{0.1, 0.5, kInf}, {0, 40, 10}})});
  EXPECT_NEAR(aggregate(spec, signal, in_service(2), kStart).value.value(), 0.4, 1e-12);
}

TEST(Aggregate, HistogramsOfDifferentLayoutsAreNotGuessedAt) {
  const auto signal =
      per_instance(std::vector<Reading>{measured(BucketRates{{0.1, 0.5, kInf}, {50, 0, 0}}),
                                        measured(BucketRates{{0.1, 0.6, kInf}, {0, 40, 10}})});
  const auto got = aggregate(signal_spec("latency", SignalSpec::Kind::kHistogram), signal,
                             in_service(2), kStart);
  EXPECT_EQ(got.missing, MissingReason::kMixedBuckets);
  EXPECT_FALSE(got.value);
}

TEST(Aggregate, OnlyInstancesInServiceCount) {
  const std::vector<Life> lives = {Life::kRequested,   Life::kLaunching, Life::kReady,
                                   Life::kWarming,     Life::kInService, Life::kDraining,
                                   Life::kTerminating, Life::kGone,      Life::kFailed};
  const auto got =
      aggregate(signal_spec("cpu"), per_instance(std::vector<double>{9, 9, 9, 9, 0.5, 9, 9, 9, 9}),
                instances(lives), kStart);
  EXPECT_DOUBLE_EQ(got.value.value(), 0.5);
  EXPECT_EQ(got.expected, 1);
  EXPECT_EQ(got.reporting, 1);
}

TEST(Aggregate, OfASignalWithTargetsOfItsOwnEveryTargetCounts) {
  SignalSpec spec = signal_spec("queue");
  spec.over_targets = true;
  spec.aggregation = Aggregation::kSum;
  spec.min_coverage = 0.5;
  const Missing late{MissingReason::kTimeout, ""};
  // Whatever the instances are doing, and with none of them too.
  for (const size_t count : {0u, 1u, 7u}) {
    const auto got =
        aggregate(spec, per_instance(std::vector<double>{5, 7}), in_service(count), kStart);
    EXPECT_DOUBLE_EQ(got.value.value(), 12);
    EXPECT_EQ(got.expected, 2);
    EXPECT_EQ(got.reporting, 2);
  }
  const auto half = aggregate(spec, per_instance(std::vector<Reading>{measured(5.0), late}),
                              in_service(7), kStart);
  EXPECT_DOUBLE_EQ(half.value.value(), 5);
  const auto third = aggregate(spec, per_instance(std::vector<Reading>{measured(5.0), late, late}),
                               in_service(7), kStart);
  EXPECT_EQ(third.missing, MissingReason::kLowCoverage);
  const auto none =
      aggregate(spec, per_instance(std::vector<Reading>{late, late}), in_service(7), kStart);
  EXPECT_EQ(none.missing, MissingReason::kTimeout);
}

TEST(Aggregate, ReadingsOfInstancesThatAreNotListedAreLeftOut) {
  std::vector<InstanceReading> rows = {{"a", measured(100.0)},
                                       {"i00", measured(1.0)},
                                       {"i00x", measured(100.0)},
                                       {"i01", measured(3.0)},
                                       {"z", measured(100.0)}};
  const auto got = aggregate(signal_spec("cpu"), Signal{rows}, in_service(2), kStart);
  EXPECT_DOUBLE_EQ(got.value.value(), 2);
}

TEST(Aggregate, CoverageIsReportingOverExpectedAndInclusive) {
  SignalSpec spec = signal_spec("cpu");
  spec.min_coverage = 0.5;
  const auto half = per_instance(std::vector<Reading>{measured(1.0), missing()});
  EXPECT_DOUBLE_EQ(aggregate(spec, half, in_service(2), kStart).value.value(), 1.0);
  const auto third = per_instance(std::vector<Reading>{measured(1.0), missing(), missing()});
  const auto got = aggregate(spec, third, in_service(3), kStart);
  EXPECT_EQ(got.missing, MissingReason::kLowCoverage);
  EXPECT_EQ(got.reporting, 1);
  EXPECT_EQ(got.expected, 3);
}

TEST(Aggregate, WhenNoneAnswersTheCommonReasonIsGiven) {
  const auto same = per_instance(std::vector<Reading>{missing(MissingReason::kUnreachable),
                                                      missing(MissingReason::kUnreachable)});
  EXPECT_EQ(aggregate(signal_spec("cpu"), same, in_service(2), kStart).missing,
            MissingReason::kUnreachable);
  const auto mixed = per_instance(
      std::vector<Reading>{missing(MissingReason::kUnreachable), missing(MissingReason::kTimeout)});
  EXPECT_EQ(aggregate(signal_spec("cpu"), mixed, in_service(2), kStart).missing,
            MissingReason::kLowCoverage);
  EXPECT_EQ(aggregate(signal_spec("cpu"), same, {}, kStart).missing, MissingReason::kNoTarget);
}

TEST(Aggregate, WhatCannotBeANumberIsMissingWithItsReason) {
  SignalSpec number = signal_spec("cpu");
  number.max_age = 15s;
  const SignalSpec ratio = signal_spec("errors", SignalSpec::Kind::kRatio);
  const SignalSpec histogram = signal_spec("latency", SignalSpec::Kind::kHistogram);
  const struct {
    const char* name;
    const SignalSpec& spec;
    Reading reading;
    MissingReason want;
  } cases[] = {
      {"NaN", number, measured(kNan), MissingReason::kNotFinite},
      {"infinite", number, measured(kInf), MissingReason::kNotFinite},
      {"too old", number, measured(1.0, kStart - 15001ms), MissingReason::kStale},
      {"of another kind", number, measured(RatioParts{1, 2}), MissingReason::kMalformed},
      {"its own reason", number, missing(MissingReason::kNoSeries), MissingReason::kNoSeries},
      {"something of nothing", ratio, measured(RatioParts{1, 0}), MissingReason::kNotFinite},
      {"NaN in a ratio", ratio, measured(RatioParts{kNan, 1}), MissingReason::kNotFinite},
      {"without +Inf", histogram, measured(BucketRates{{1, 2}, {1, 1}}), MissingReason::kMalformed},
      {"NaN in a bucket", histogram, measured(BucketRates{{1, kInf}, {kNan, 1}}),
       MissingReason::kNotFinite},
  };
  for (const auto& c : cases) {
    const auto got = aggregate(c.spec, for_service(c.reading), {}, kStart);
    EXPECT_EQ(got.missing, c.want) << c.name;
    EXPECT_FALSE(got.value) << c.name;
    EXPECT_FALSE(got.idle) << c.name;
  }
}

TEST(Aggregate, AReadingAsOldAsMaxAgeStillCounts) {
  SignalSpec spec = signal_spec("cpu");
  spec.max_age = 15s;
  EXPECT_TRUE(aggregate(spec, for_service(1.0, kStart - 15s), {}, kStart).value);
  spec.max_age = 0s;
  EXPECT_TRUE(aggregate(spec, for_service(1.0, kStart - 1h), {}, kStart).value);
}

TEST(Aggregate, NoTrafficIsIdleAndNeitherMissingNorZero) {
  const auto ratio = aggregate(signal_spec("errors", SignalSpec::Kind::kRatio),
                               for_service(measured(RatioParts{0, 0})), {}, kStart);
  const auto histogram =
      aggregate(signal_spec("latency", SignalSpec::Kind::kHistogram),
                for_service(measured(BucketRates{{1, kInf}, {0, 0}})), {}, kStart);
  for (const auto& got : {ratio, histogram}) {
    EXPECT_TRUE(got.idle);
    EXPECT_FALSE(got.value);
    EXPECT_FALSE(got.missing);
    EXPECT_EQ(got.at, kStart);
  }
}

TEST(Aggregate, IsAsNewAsItsNewestSample) {
  const auto signal =
      per_instance(std::vector<Reading>{measured(1.0, kStart - 9s), measured(1.0, kStart - 4s)});
  EXPECT_EQ(aggregate(signal_spec("cpu"), signal, in_service(2), kStart).at, kStart - 4s);
}

}  // namespace
}  // namespace autoscaler
