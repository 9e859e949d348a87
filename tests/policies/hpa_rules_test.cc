#include "policies/hpa.h"
#include "tests/policies/hpa_builder.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;

TEST(Hpa, BoundsAreRepairedBeforeAnyMetricAndRememberNothing) {
  auto spec = hpa_of(metric(Source::kExternal, Target::kValue, 1));
  spec.bounds = {2, 5};
  const struct {
    int32_t size;
    int32_t want;
    Reason reason;
  } cases[] = {{0, 0, Reason::kDisabled}, {1, 2, Reason::kBelowMin}, {9, 5, Reason::kAboveMax}};
  for (const auto& c : cases) {
    Workload workload;
    workload.size = c.size;
    const auto decision = evaluate(spec, workload, {for_service(missing())}, {}, kStart);
    EXPECT_EQ(decision.to, c.want);
    EXPECT_EQ(decision.reason, c.reason);
    EXPECT_FALSE(decision.remember);
    EXPECT_TRUE(decision.proposals.empty());
  }
}

WorkloadSpec two_metrics() {
  auto spec = hpa_of(metric(Source::kExternal, Target::kAverageValue, 1'000));
  spec.signals.push_back(spec.signals[0]);
  auto second = metric(Source::kExternal, Target::kAverageValue, 1'000);
  second.signal = 1;
  spec.policies.push_back({"second", second});
  return spec;
}

Decision decide_two(const Reading& first, const Reading& second, const Recent& recent = {}) {
  Workload workload;
  workload.size = workload.status_size = 4;
  return evaluate(two_metrics(), workload, {for_service(first), for_service(second)}, recent,
                  kStart);
}

TEST(Hpa, AFailingMetricLetsTheOthersHoldOrScaleOut) {
  const auto out = decide_two(missing(), measured(Quantities{{7'000}}));
  EXPECT_EQ(out.to, 7);
  EXPECT_EQ(out.proposals[0].missing, MissingReason::kTimeout);
  EXPECT_TRUE(out.remember);

  Recent recent;
  recent.recommendations = {{kStart - 1min, kStart - 1min, 9}};
  const auto in = decide_two(missing(), measured(Quantities{{2'000}}), recent);
  EXPECT_EQ(in.to, 4) << "no action, not even what the window would lift it to";
  EXPECT_EQ(in.reason, Reason::kMissingSignal);
  EXPECT_FALSE(in.remember);
  const auto none = decide_two(missing(), missing(), recent);
  EXPECT_EQ(none.to, 4);
  EXPECT_EQ(none.reason, Reason::kNoAnswer);
  EXPECT_FALSE(none.remember);
}

TEST(Hpa, WithoutBehaviorTheHighestOfFiveMinutesCounts) {
  const struct {
    const char* name;
    Duration age;
    int32_t remembered;
    int32_t wanted;
    int32_t want;
  } cases[] = {
      {"held by the window", 299s, 4, 2, 4},   {"the edge is in", 300s, 4, 2, 4},
      {"older is out", 300'001ms, 4, 2, 2},    {"even above the current size", 60s, 6, 2, 6},
      {"up to twice the size", 60s, 1, 30, 8},
  };
  for (const auto& c : cases) {
    Recent recent;
    recent.recommendations = {{kStart - c.age, kStart - c.age, c.remembered}};
    const Reading reading = measured(Quantities{{c.wanted * 1000}});
    EXPECT_EQ(decide_two(reading, reading, recent).to, c.want) << c.name;
  }
}

TEST(Hpa, WithoutBehaviorASmallServiceMayGrowToFour) {
  auto spec = hpa_of(metric(Source::kExternal, Target::kAverageValue, 1'000));
  Workload workload;
  workload.size = workload.status_size = 1;
  EXPECT_EQ(evaluate(spec, workload, {for_service(measured(Quantities{{30'000}}))}, {}, kStart).to,
            4);
}

TEST(Hpa, ToleranceOfADirectionComesFromItsBehavior) {
  auto spec = hpa_of(metric(Source::kExternal, Target::kAverageValue, 1'000));
  spec.behavior = Behavior{};
  spec.behavior->up.tolerance = 0.5;
  Workload workload;
  workload.size = workload.status_size = 4;
  const auto wanted = [&](int64_t total) {
    return evaluate(spec, workload, {for_service(measured(Quantities{{total}}))}, {}, kStart)
        .proposals.at(0)
        .replicas;
  };
  EXPECT_EQ(wanted(6'000), 4);
  EXPECT_EQ(wanted(6'001), 7);
  EXPECT_EQ(wanted(3'600), 4);
  EXPECT_EQ(wanted(2'900), 3);
}

TEST(Hpa, OurOwnGuardsStandBackButTheJournalsDoesNot) {
  auto spec = hpa_of(metric(Source::kExternal, Target::kAverageValue, 1'000));
  Workload workload = workload_of(3, 1, Lifecycle::kLaunching);
  Recent recent;
  recent.first_seen = kStart;
  const Signals signals = {for_service(measured(Quantities{{2'000}}))};
  EXPECT_EQ(evaluate(spec, workload, signals, recent, kStart).to, 2);
  workload.journal_writable = false;
  EXPECT_EQ(evaluate(spec, workload, signals, recent, kStart).reason, Reason::kJournal);
}

}  // namespace
}  // namespace autoscaler
