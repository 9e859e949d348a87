#include "policies/quality.h"

#include "policies/aggregate.h"
#include "tests/policies/scene_builder.h"

#include <gtest/gtest.h>

#include <limits>

namespace autoscaler {
namespace {

using namespace testing;
constexpr double kInf = std::numeric_limits<double>::infinity();

std::vector<Instance> in_service(size_t count) {
  return instances(std::vector<Lifecycle>(count, Lifecycle::kInService));
}

// A counter's rate that has stood still for so many samples.
Reading rate(double value, int32_t still = 0) {
  return Measured{value, kStart, 30s, 1, still};
}

SignalSpec doubting(Duration believe_after = 5min) {
  SignalSpec spec = signal_spec("cpu");
  spec.believe_zero_after = believe_after;
  return spec;
}

Surroundings lively() {
  Surroundings around;
  around.memory.pace = 1;
  return around;
}

SignalValue seen(const std::vector<Reading>& readings, const Surroundings& around = lively(),
                 const SignalSpec& spec = doubting()) {
  return aggregate(spec, per_instance(readings), in_service(readings.size()), kStart, around);
}

TEST(Zeros, AnInstanceThatStandsStillAmongPeersThatMoveIsMissing) {
  const auto got = seen({rate(0, 6), rate(0.6), rate(0.8), rate(0.7)});
  EXPECT_NEAR(got.value.value(), 0.7, 1e-12);
  EXPECT_EQ(got.reporting, 3);
  EXPECT_EQ(got.doubt, std::nullopt) << "3 of 4 report";
}

TEST(Zeros, AReadingThatDecaysIsSuspiciousBeforeItIsZero) {
  // The rate of a counter that stopped 15 s ago is still half of what it was.
  EXPECT_EQ(seen({rate(0.3, 3), rate(0.6), rate(0.6), rate(0.6)}).reporting, 3);
}

TEST(Zeros, TheFirstStillSampleIsDoubtedAndTheThirdMissing) {
  for (const auto& [still, missing, doubt] :
       {std::tuple(1, std::optional<MissingReason>(), std::optional(Doubt::kStandsStill)),
        std::tuple(2, std::optional<MissingReason>(), std::optional(Doubt::kStandsStill)),
        std::tuple(3, std::optional(MissingReason::kSuspiciousZero), std::optional<Doubt>())}) {
    Surroundings around = lively();
    around.memory.last_load = kStart - 15s;
    const auto got = seen({rate(0.5, still)}, around);
    EXPECT_EQ(got.missing, missing) << still;
    EXPECT_EQ(got.doubt, doubt) << still;
  }
}

TEST(Zeros, ACounterThatSeldomMovesMayStandStill) {
  Surroundings around;
  around.memory.pace = 0.5;
  for (const auto& [still, reporting] : {std::pair(4, 4), std::pair(13, 4), std::pair(14, 3)}) {
    const auto got = seen({rate(0.1, still), rate(0.1), rate(0.1), rate(0.1)}, around);
    EXPECT_EQ(got.reporting, reporting) << still;
  }
}

TEST(Zeros, ACounterThatNeverMovedIsNoSuspectUnlessItIsAUtilisation) {
  Surroundings around;
  around.load = true;
  EXPECT_EQ(seen({rate(0, 6)}, around).value, 0);
  SignalSpec spec = doubting();
  spec.is_utilization = true;
  EXPECT_EQ(seen({rate(0, 6)}, around, spec).missing, MissingReason::kSuspiciousZero);
}

TEST(Zeros, AreBelievedOnceTheyHaveLasted) {
  Surroundings around = lively();
  around.memory.last_load = kStart - 5min + 1ms;
  EXPECT_EQ(seen({rate(0, 60), rate(0, 60)}, around).missing, MissingReason::kSuspiciousZero);
  around.memory.last_load = kStart - 5min;
  EXPECT_EQ(seen({rate(0, 60), rate(0, 60)}, around).value, 0);
}

TEST(Zeros, TheBalancerSpeaksForAndAgainstThem) {
  Surroundings around = lively();
  around.load = true;
  EXPECT_EQ(seen({rate(0, 60), rate(0, 60)}, around).missing, MissingReason::kSuspiciousZero);
  around.load = false;
  around.memory.last_load = kStart - 15s;
  EXPECT_EQ(seen({rate(0, 3), rate(0, 3)}, around).value, 0) << "no load: believed at once";
}

TEST(Zeros, OfAGaugeAreJudgedByItsPeersToo) {
  EXPECT_EQ(seen({measured(0.0), measured(0.5), measured(0.5), measured(0.5)}).value, 0.5);
}

TEST(Zeros, AreNumbersLikeAnyOtherWhereTheUserTrustsThem) {
  const auto got = seen({rate(0, 6), rate(0.5)}, lively(), doubting(0s));
  EXPECT_EQ(got.value, 0.25);
  EXPECT_FALSE(got.doubt);
}

TEST(Zeros, OfRatiosAndHistogramsAreThoseOfTheirTraffic) {
  SignalSpec spec = doubting();
  spec.kind = SignalSpec::Kind::kRatio;
  const auto no_errors =
      seen({measured(RatioParts{0, 9}), measured(RatioParts{0, 9})}, lively(), spec);
  EXPECT_EQ(no_errors.value, 0) << "traffic without errors";
  const auto half = seen({measured(RatioParts{0, 0}), measured(RatioParts{1, 9})}, lively(), spec);
  EXPECT_EQ(half.reporting, 1);
  spec.kind = SignalSpec::Kind::kHistogram;
  const BucketRates none{{1, kInf}, {0, 0}};
  const BucketRates some{{1, kInf}, {5, 0}};
  EXPECT_EQ(seen({measured(none), measured(some)}, lively(), spec).reporting, 1);
}

TEST(Zeros, ThePaceIsLearnedFromWhatIsNotInDoubt) {
  SignalMemory memory;
  SignalValue signal;
  signal.moving = 1;
  for (int i = 0; i < 13; ++i) remember_load(signal, kStart, memory);
  EXPECT_NEAR(memory.pace.value(), 0.9, 0.01);
  EXPECT_EQ(memory.last_load, kStart);
  signal.moving = 0;
  remember_load(signal, kStart + 5s, memory);
  EXPECT_EQ(memory.last_load, kStart);
  EXPECT_NEAR(memory.pace.value(), 0.85, 0.01);
  EXPECT_EQ(seen({rate(0.5, 1), rate(0.5), rate(0.5), rate(0.5)}).moving, 1) << "one in doubt";
}

TEST(Doubts, HalfTheInstancesAreEnoughForAValueAndTooFewForAScaleIn) {
  const auto got = seen({rate(0.5), rate(0.5), missing(), missing()});
  EXPECT_EQ(got.value, 0.5);
  EXPECT_EQ(got.doubt, Doubt::kCoverage);
  EXPECT_FALSE(seen({rate(0.5), rate(0.5), rate(0.5), missing()}).doubt);
}

TEST(Doubts, AWindowHalfFullAndACounterThatBeganAgain) {
  const Reading half = Measured{0.5, kStart, 10s, 0.5};
  const Reading again = Measured{0.5, kStart, 30s, 1, 0, true};
  EXPECT_EQ(seen({half, half}).doubt, Doubt::kIncomplete);
  EXPECT_EQ(seen({half, half}).completeness, 0.5);
  EXPECT_EQ(seen({again, rate(0.5)}).doubt, Doubt::kRestarted);
  EXPECT_FALSE(seen({again, rate(0.5), rate(0.5), rate(0.5)}).doubt);
  EXPECT_EQ(seen({rate(0.5), Measured{0.5, kStart, 25s, 0.8}}).completeness, 0.9);
}

TEST(Doubts, OfAQueryThatLooksBackAnOutageLastsUntilItIsOutOfSight) {
  SignalSpec spec = signal_spec("queue");
  spec.lookback = 5min;
  SignalMemory memory;
  SignalValue gone;
  gone.missing = MissingReason::kTimeout;
  SignalValue back;
  back.value = 1;
  memory.missing_since = kStart;
  remember_outage(spec, back, kStart + 10min, memory);
  const auto at = [&](Duration after) {
    return completeness_after_outage(spec, memory, kStart + 10min + after);
  };
  EXPECT_EQ(at(0s), 0);
  EXPECT_EQ(at(2min), 0.4);
  EXPECT_EQ(at(5min), 1);
  const auto seen_at = [&](Duration after) {
    Surroundings around;
    around.memory = memory;
    const Instant now = kStart + 10min + after;
    return aggregate(spec, for_service(3, now), {}, now, around);
  };
  EXPECT_EQ(seen_at(3min).doubt, Doubt::kIncomplete);
  EXPECT_EQ(seen_at(4min).doubt, std::nullopt) << "0.8 is enough";
  EXPECT_EQ(seen_at(3min).completeness, 0.6);

  SignalMemory brief;
  brief.missing_since = kStart;
  remember_outage(spec, back, kStart + 5s, brief);
  EXPECT_GT(completeness_after_outage(spec, brief, kStart + 5s), 0.98);
}

TEST(Doubts, HoldAScaleInAndNothingElse) {
  WorkloadSpec spec = spec_of(track(1));
  spec.signals[0] = doubting();
  Workload workload = workload_of(4);
  const auto decide = [&](double value) {
    return evaluate(
        spec, workload,
        {per_instance(std::vector<Reading>{rate(value), rate(value), missing(), missing()})}, {},
        kStart);
  };
  EXPECT_EQ(decide(0.1).to, 4);
  EXPECT_EQ(decide(0.1).reason, Reason::kDataQuality);
  EXPECT_EQ(decide(0.1).combined, 3) << "the wish is remembered";
  EXPECT_EQ(decide(5).to, 20) << "out is never held";
  spec.signals[0].when_missing.kind = WhenMissing::Kind::kIgnore;
  EXPECT_EQ(decide(0.1).to, 3) << "the user said that it blocks nothing";
  spec.signals[0].when_missing.kind = WhenMissing::Kind::kHold;
  spec.policies.clear();
  spec.policies.push_back({"t", ThresholdSpec{}});
  workload.size = 9;
  spec.bounds = {1, 4};
  EXPECT_EQ(decide(0.1).to, 4) << "a signal that no policy uses, and bounds";
}

TEST(Doubts, OfASignalThatOnlyAStepReadsHoldToo) {
  WorkloadSpec spec = spec_of(track(1));
  spec.signals.push_back(signal_spec("waiting"));
  StepSpec step;
  step.out = StepSpec::Rule{{1, true, 100}, {{}}};
  spec.policies.push_back({"step", step});
  const auto decide = [&](const Signal& waiting) {
    const Signal cpu = per_instance(std::vector<double>{0.1, 0.1, 0.1, 0.1});
    return evaluate(spec, workload_of(4), {cpu, waiting}, {}, kStart).reason;
  };
  const std::vector<Reading> half = {measured(1.0), measured(1.0), missing(), missing()};
  EXPECT_EQ(decide(per_instance(half)), Reason::kDataQuality);
  EXPECT_EQ(decide(per_instance(std::vector<double>{1, 1, 1, 1})), Reason::kScaleIn);
}

TEST(Doubts, EachHasAName) {
  for (int i = 0; i < kDoubtCount; ++i) EXPECT_NE(doubt_name(static_cast<Doubt>(i)), nullptr);
}

}  // namespace
}  // namespace autoscaler
