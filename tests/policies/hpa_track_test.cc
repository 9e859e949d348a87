#include "policies/hpa.h"
#include "tests/policies/hpa_builder.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;
using Life = Lifecycle;

// A workload of ours under `compatibility: hpa`, and the same without it.
WorkloadSpec ours(const TrackSpec& rule, bool hpa = true) {
  WorkloadSpec spec = spec_of(rule);
  spec.bounds = {0, 1000};
  spec.signals[0].is_utilization = rule.kind == TrackSpec::Target::kUtilization;
  if (hpa) spec.hpa = HpaFlags{};
  return spec;
}

Proposal ask(const WorkloadSpec& spec, const Workload& workload, const Signal& signal) {
  return evaluate(spec, workload, {signal}, {}, kStart).proposals.at(0);
}

struct HazardCase {
  const char* name;
  TrackSpec rule;
  Workload workload;
  Signal signal;
  std::optional<int32_t> hpa;
  std::optional<int32_t> mended;
};

// What the HPA's letter gives, and what `track` gives without it: docs/hpa.md has each of them.
TEST(HpaTrack, KeepsTheLetterAndTheDefaultMendsIt) {
  const TrackSpec value = track(20, TrackSpec::Target::kValue);
  const HazardCase cases[] = {
      {"the same where nothing is odd", track(0.3), workload_of(3), per_instance({0.3, 0.5, 0.7}),
       5, 5},
      {"whole percent: 55.9 is 55, within tolerance of 50", track(0.5), workload_of(3),
       per_instance({0.559, 0.559, 0.559}), 3, 4},
      {"a value with one of three in service scales in at 195 %", value,
       workload_of(1, 2, Life::kLaunching), for_service(39.0), 2, 3},
      {"and with none to nothing", value, workload_of(0, 3, Life::kLaunching), for_service(39.0), 0,
       3},
      {"an instance without a reading is at 100 % on the way down, not on target", track(0.5),
       workload_of(4), per_instance({measured(0.1), measured(0.1), measured(0.1), missing()}), 3,
       2},
      {"in milli-units 0.1 + 0.2 is 0.3",
       [] {
         TrackSpec rule = track(0.1, TrackSpec::Target::kPerInstance);
         rule.tolerance_out = rule.tolerance_in = 0;
         return rule;
       }(),
       workload_of(3), for_service(0.1 + 0.2), 3, 3},
      {"a total against status.replicas", track(120, TrackSpec::Target::kPerInstance),
       workload_of(2), for_service(600.0), 5, 5},
      {"instances on their way out are nobody's", track(0.5), workload_of(2, 2, Life::kDraining),
       per_instance({0.9, 0.9, 0.0, 0.0}), 4, 4},
      {"no reading at all", track(0.5), workload_of(2), per_instance({missing(), missing()}),
       std::nullopt, std::nullopt},
  };
  for (const HazardCase& c : cases) {
    EXPECT_EQ(ask(ours(c.rule), c.workload, c.signal).replicas, c.hpa) << c.name;
    EXPECT_EQ(ask(ours(c.rule, false), c.workload, c.signal).replicas, c.mended) << c.name;
  }
}

TEST(HpaTrack, NumbersStayInTheSignalsUnit) {
  const Proposal cpu = ask(ours(track(0.65)), workload_of(2), per_instance({0.915, 0.905}));
  EXPECT_EQ(cpu.current, 0.91);
  EXPECT_EQ(cpu.target, 0.65);
  const Proposal jobs =
      ask(ours(track(8, TrackSpec::Target::kValue)), workload_of(2), per_instance({9.0, 10.0015}));
  EXPECT_EQ(jobs.current, 9.501) << "milli-units, rounded up, and their mean cut off";
}

TEST(HpaTrack, OnlyAUtilizationCalledCpuIsNotBelievedWhileItStarts) {
  auto spec = ours(track(0.5));
  Workload workload = workload_of(3);
  PodFacts young;
  young.started = kStart - 1min;
  young.ready = true;
  young.ready_changed = kStart - 10s;
  workload.instances.edit()[2].pod = young;
  // 10 s after it became ready its CPU over 30 s is still that of its start.
  const Signal hot = per_instance(
      {measured(0.6, kStart, 30s), measured(0.6, kStart, 30s), measured(2.0, kStart, 30s)});
  EXPECT_EQ(ask(spec, workload, hot).replicas, 3) << "60 % of two, the young one idle: 40 %";
  spec.signals[0].name = "memory";
  EXPECT_EQ(ask(spec, workload, hot).replicas, 7) << "320 % / 3 is 106 %";
}

TEST(HpaTrack, AReadingTooOldIsNone) {
  auto spec = ours(track(0.5));
  spec.signals[0].max_age = 15s;
  const Signal signal = per_instance({measured(0.1), measured(0.1), measured(0.1, kStart - 16s)});
  EXPECT_EQ(ask(spec, workload_of(3), signal).replicas, 3) << "(0.1 + 0.1 + 1) / 3 is 40 %";
}

TEST(HpaTrack, ToleranceIsThePolicysThenTheFlags) {
  auto spec = ours(track(120, TrackSpec::Target::kPerInstance));
  spec.hpa->tolerance = 0.5;
  EXPECT_EQ(ask(spec, workload_of(2), for_service(350.0)).replicas, 2);
  std::get<TrackSpec>(spec.policies[0].rule).tolerance_out = 0.1;
  EXPECT_EQ(ask(spec, workload_of(2), for_service(350.0)).replicas, 3);
}

TEST(HpaTrack, AFailedMetricBlocksScaleInWhateverWhenMissingSays) {
  auto spec = ours(track(120, TrackSpec::Target::kPerInstance));
  spec.signals[0].when_missing.kind = WhenMissing::Kind::kIgnore;
  const Proposal failed = ask(spec, workload_of(2), for_service(missing()));
  EXPECT_TRUE(failed.blocks_in);
  EXPECT_EQ(failed.missing, MissingReason::kTimeout);
}

TEST(HpaTrack, SizeZeroIsLeftOnlyIfTheHpaItselfWentThere) {
  auto spec = ours(track(120, TrackSpec::Target::kPerInstance));
  EXPECT_EQ(evaluate(spec, workload_of(0), {for_service(300.0)}, {}, kStart).to, 3);
  spec.hpa->starts_from_zero = false;
  EXPECT_EQ(evaluate(spec, workload_of(0), {for_service(300.0)}, {}, kStart).reason,
            Reason::kDisabled);
}

}  // namespace
}  // namespace autoscaler
