#include "policies/vitals.h"
#include "tests/policies/scene_builder.h"

#include <gtest/gtest.h>

#include <cmath>

namespace autoscaler {
namespace {

using namespace testing;
using Meaning = SignalSpec::Meaning;

// A service whose signals are what a test says, ticked every 10 s. What is ordered serves at once.
class Shop {
 public:
  Shop() {
    spec.name = "shop";
    spec.bounds = {1, 100};
    spec.behavior.reset();
    spec.guards = GuardsSpec::none();
    spec.guards.bad_deploy = SizeChange{0, 20.0};
    spec.signals = {signal_spec("cpu"), signal_spec("errors"), signal_spec("latency"),
                    signal_spec("rps")};
    spec.signals[0].meaning = Meaning::kWork;
    spec.signals[1].meaning = Meaning::kErrors;
    spec.signals[2].meaning = Meaning::kLatency;
    spec.signals[3].meaning = Meaning::kLoad;
    ThresholdSpec slow;
    slow.out = ThresholdSpec::Rule{};
    slow.out->marks = {{2, true, 0.5}};
    slow.out->change.instances = 2;
    slow.out->cooldown = 0s;
    spec.policies = {{"cpu", track(0.6)}, {"slow", slow}};
    recent = first_sight(spec, 10, now);
  }

  Decision tick() {
    now += 10s;
    Workload workload = workload_of(size);
    workload.deployed = deployed;
    workload.time_to_ready = 30s;
    const Signals signals = {for_service(cpu * 10 / size, now),
                             std::isnan(errors) ? for_service(missing()) : for_service(errors, now),
                             for_service(latency, now),
                             for_service(requests.value_or(rps * size), now)};
    const auto decision = evaluate(spec, workload, signals, recent, now);
    record(spec, decision, decision.to == decision.from ? Outcome::kHeld : Outcome::kApplied, now,
           recent);
    size = decision.to;
    return decision;
  }
  Decision run(Duration span) {
    Decision last;
    for (const Instant end = now + span; now < end;) last = tick();
    return last;
  }
  // The service answers `each` a second in all.
  Decision run_at(double each, Duration span) {
    requests = each;
    return run(span);
  }

  WorkloadSpec spec;
  Recent recent;
  Instant now = kStart;
  int32_t size = 10;
  std::optional<Instant> deployed;
  double cpu = 0.6;  // of 10 instances
  double errors = 0.001;
  double latency = 0.2;
  double rps = 50;                 // of one instance
  std::optional<double> requests;  // of all of them, in place of that
};

TEST(BadDeploy, ErrorsWithoutLoadLeaveABoundedStepAndNothingIsTaken) {
  Shop shop;
  shop.run_at(500, 10min);
  shop.deployed = shop.now;
  shop.errors = 0.2;
  shop.tick();
  shop.cpu = 0.9;  // each request is tried again
  shop.run(4min);
  EXPECT_EQ(shop.size, 12) << "10 and 20 %; cpu asks for 15";
  EXPECT_EQ(shop.tick().reason, Reason::kBadDeploy);
  shop.cpu = 0.1;  // errors are quick
  EXPECT_EQ(shop.tick().reason, Reason::kBadDeploy);
  EXPECT_EQ(shop.size, 12);
}

TEST(BadDeploy, LatencyWithoutLoadDoesTheSameAndTheStepDoesNotGrowWithTheSize) {
  Shop shop;
  shop.run_at(500, 10min);
  shop.deployed = shop.now;
  shop.latency = 0.9;
  shop.run(10min);
  EXPECT_TRUE(shop.recent.suspicion);
  EXPECT_EQ(shop.size, 12) << "2 are asked for each 10 s";
}

TEST(BadDeploy, LoadThatGrowsIsAnsweredInFull) {
  Shop shop;
  shop.run(10min);
  shop.rps = 80;
  shop.latency = 0.9;
  shop.cpu = 0.9;
  shop.run(4min);
  EXPECT_FALSE(shop.recent.suspicion);
  EXPECT_GT(shop.size, 50) << "2 each 10 s";
}

TEST(BadDeploy, MoreWorkForTheSameRequestsIsLoadUnlessADeployIsKnown) {
  for (const bool known : {false, true}) {
    Shop shop;
    shop.spec.policies = {{"cpu", track(0.9)}};  // on target
    shop.spec.bounds.min = 10;
    shop.run(10min);
    if (known) shop.deployed = shop.now;
    shop.latency = 0.9;
    shop.cpu = 0.9;
    shop.run(5min);
    EXPECT_EQ(shop.recent.suspicion.has_value(), known);
  }
}

TEST(BadDeploy, BeforeItIsSureGrowthEndsWhereItWillEndThen) {
  Shop shop;
  shop.run_at(500, 10min);
  shop.errors = 0.3;
  shop.latency = 0.9;
  EXPECT_EQ(shop.tick().to, 12);
  for (int i = 0; i < 60; ++i) EXPECT_EQ(shop.tick().to, 12) << "2 more are asked for each 10 s";
  EXPECT_TRUE(shop.recent.suspicion) << "by now it is sure";
}

TEST(BadDeploy, ADoubtHoldsNothingBackOnceTheLoadHasGrown) {
  Shop shop;
  std::get<ThresholdSpec>(shop.spec.policies[1].rule).out->change.instances = 15;
  shop.run_at(500, 10min);
  shop.errors = 0.3;
  shop.latency = 0.9;
  shop.run_at(500, 1min);
  EXPECT_EQ(shop.size, 12);
  EXPECT_FALSE(shop.recent.suspicion);
  shop.requests = 800;
  EXPECT_EQ(shop.tick().to, 27) << "67 for each, in place of 50";
}

TEST(BadDeploy, ADoubtLeavesNothingBehind) {
  Shop shop;
  shop.run_at(500, 10min);
  shop.errors = 0.3;
  shop.latency = 0.9;
  EXPECT_EQ(shop.tick().to, 12);
  EXPECT_EQ(shop.tick().reason, Reason::kBadDeploy);
  shop.errors = 0.001;
  EXPECT_EQ(shop.tick().to, 14);
  EXPECT_FALSE(shop.recent.suspicion);
}

TEST(BadDeploy, EndsWhenTheErrorsAreGoneAndByNoClock) {
  Shop shop;
  shop.run_at(500, 10min);
  shop.errors = 0.2;
  shop.run(4min);
  ASSERT_TRUE(shop.recent.suspicion);
  shop.latency = 0.9;
  shop.cpu = 0.9;
  shop.run(6h);
  ASSERT_TRUE(shop.recent.suspicion);
  EXPECT_EQ(shop.size, 12) << "10 and 20 %, whatever latency and cpu ask for";
  shop.errors = 0.001;
  shop.run(3min);
  EXPECT_FALSE(shop.recent.suspicion);
}

// A version may be slower for good. Whether more instances help is found out by trying.
TEST(BadDeploy, ByLatencyAloneEndsAfterTwentyMinutes) {
  Shop shop;
  shop.spec.bounds.max = 12;
  shop.run(10min);
  shop.latency = 0.45;
  shop.run(15min);
  ASSERT_TRUE(shop.recent.suspicion);
  shop.run(10min);
  EXPECT_FALSE(shop.recent.suspicion);
}

TEST(BadDeploy, ErrorsThatAreNotKnownAnyMoreEndNothing) {
  Shop shop;
  shop.run(10min);
  shop.errors = 0.2;
  shop.run(4min);
  ASSERT_TRUE(shop.recent.suspicion);
  shop.errors = std::nan("");
  shop.run(1h);
  EXPECT_TRUE(shop.recent.suspicion);
}

TEST(BadDeploy, RequestsThatGrowAreAnsweredByTheirNumberAndAFifth) {
  Shop shop;
  shop.run_at(500, 10min);
  shop.deployed = shop.now;
  shop.errors = 0.3;
  shop.latency = 0.9;
  shop.run(1h);
  ASSERT_EQ(shop.size, 12);
  shop.cpu = 1.8;
  shop.run_at(1000, 5min);
  EXPECT_EQ(shop.size, 24) << "as many as carry 50 each, and 20 %; latency asks for ever more";
  shop.run_at(1000, 6h);
  EXPECT_EQ(shop.size, 24);
  EXPECT_TRUE(shop.recent.suspicion);
}

TEST(BadDeploy, RequestsThatFallTakeAwayAsManyButNotAtFirst) {
  Shop shop;
  shop.spec.policies = {{"cpu", track(0.6)}};
  shop.run_at(500, 10min);
  shop.deployed = shop.now;
  shop.errors = 0.03;
  shop.tick();
  shop.cpu = 0.1;
  shop.run_at(250, 15min);
  ASSERT_TRUE(shop.recent.suspicion);
  EXPECT_EQ(shop.size, 10) << "who fails at once looks idle";
  shop.run_at(250, 20min);
  EXPECT_EQ(shop.size, 6) << "5 carry 50 each, and 20 %";
}

TEST(BadDeploy, JudgesNothingThatIsNotKnown) {
  Shop shop;
  shop.spec.signals[3].meaning = Meaning::kOther;
  shop.spec.signals[0].meaning = Meaning::kOther;
  shop.run(10min);
  shop.errors = 0.2;
  shop.run(5min);
  EXPECT_FALSE(shop.recent.suspicion) << "without load there is no telling";
  Shop young;
  young.run(3min);
  young.errors = 0.2;
  young.run(4min);
  EXPECT_FALSE(young.recent.suspicion) << "five minutes before are needed";
}

TEST(BadDeploy, ASmallRiseOfErrorsIsNone) {
  Shop shop;
  shop.run(10min);
  shop.errors = 0.009;
  shop.run(5min);
  EXPECT_FALSE(shop.recent.suspicion) << "nine times as many, and less than a point";
  shop.errors = 0.012;
  shop.run(5min);
  EXPECT_TRUE(shop.recent.suspicion);
}

TEST(BadDeploy, IsOffWithoutItsStep) {
  Shop shop;
  shop.spec.guards.bad_deploy.reset();
  shop.run(10min);
  shop.latency = 0.9;
  shop.run(10min);
  EXPECT_EQ(shop.size, 100);
}

// --- scale-outs that do not help ---

class Trial : public ::testing::Test {
 protected:
  Trial() {
    shop.spec.guards = GuardsSpec::none();
    shop.spec.guards.ineffective = 5min;
    shop.spec.policies.erase(shop.spec.policies.begin());  // latency alone asks
    std::get<ThresholdSpec>(shop.spec.policies[0].rule).out->cooldown = 1min;
    shop.run(1min);
    shop.latency = 0.9;
  }
  Decision run_at(double requests, Duration span) { return shop.run_at(requests, span); }
  Shop shop;
};

TEST_F(Trial, GrowthWithoutEffectStopsAndIsTriedAgainTwiceAsLateEachTime) {
  run_at(500, 150s);
  EXPECT_EQ(shop.size, 16) << "at once, and after one and two minutes";
  EXPECT_EQ(run_at(500, 60s).reason, Reason::kIneffective) << "30 s to get ready and 2 min to tell";
  run_at(500, 230s);
  EXPECT_EQ(shop.size, 16);
  run_at(500, 30s);
  EXPECT_EQ(shop.size, 18) << "five minutes after the verdict";
  run_at(500, 150s);
  EXPECT_EQ(run_at(500, 60s).reason, Reason::kIneffective);
  const int32_t size = shop.size;
  run_at(500, 8min);
  EXPECT_EQ(shop.size, size) << "ten minutes now";
  run_at(500, 3min);
  EXPECT_GT(shop.size, size);
}

TEST_F(Trial, GrowthThatHelpsGoesOn) {
  run_at(500, 2min);
  shop.latency = 0.7;
  const int32_t size = shop.size;
  run_at(500, 4min);
  EXPECT_GT(shop.size, size + 4);
}

TEST_F(Trial, LoadThatGrowsWithTheServiceIsNoVerdict) {
  shop.run(6min);
  EXPECT_GE(shop.size, 20);
  EXPECT_EQ(shop.recent.signals[2].useless_trials, 0);
}

TEST_F(Trial, WhatOthersAskForIsLeft) {
  run_at(500, 200s);
  ASSERT_TRUE(shop.recent.signals[2].useless_until);
  shop.spec.policies.push_back({"cpu", track(0.6)});
  shop.cpu = 1.44;  // 90 % of 16
  run_at(500, 10s);
  EXPECT_EQ(shop.size, 24) << "1.5 times 16";
}

TEST_F(Trial, WhatNeverGetsReadyIsNotAskedForInNumbers) {
  Workload workload = workload_of(10, 2, Lifecycle::kLaunching);
  workload.launch_failures = 3;
  const Signals signals = {for_service(0.6), for_service(0.001), for_service(0.9),
                           for_service(500)};
  const auto decision = evaluate(shop.spec, workload, signals, {}, kStart);
  EXPECT_EQ(decision.reason, Reason::kIneffective);
  workload.launch_failures = 2;
  EXPECT_EQ(evaluate(shop.spec, workload, signals, {}, kStart).reason, Reason::kOnTarget)
      << "the step of 2 is on its way";
}

// --- the minutes that are remembered ---

TEST(Vitals, LoadIsWhatOneInstanceInTheBalancerCarries) {
  WorkloadSpec spec = spec_of(track(1));
  spec.signals[0].meaning = Meaning::kLoad;
  const auto load = [&](const Workload& workload, Signal signal) {
    return evaluate(spec, workload, {std::move(signal)}, {}, kStart).vitals.load;
  };
  EXPECT_EQ(load(workload_of(4, 1, Lifecycle::kWarming), for_service(100)), 20);
  EXPECT_EQ(load(workload_of(4, 1, Lifecycle::kLaunching), for_service(100)), 25);
  EXPECT_EQ(load(workload_of(2), per_instance({10.0, 20.0})), 15);
  spec.signals[0].aggregation = Aggregation::kSum;
  EXPECT_EQ(load(workload_of(2), per_instance({10.0, 20.0})), 15);
  EXPECT_EQ(load(workload_of(2), for_service(missing())), std::nullopt);
}

TEST(Vitals, OfSignalsThatTellTheSameTheFirstByNameSpeaks) {
  WorkloadSpec spec = spec_of(track(1));
  spec.signals = {signal_spec("b"), signal_spec("a")};
  for (SignalSpec& signal : spec.signals) signal.meaning = Meaning::kLatency;
  const auto decision =
      evaluate(spec, workload_of(1), {for_service(2), for_service(1)}, {}, kStart);
  EXPECT_EQ(decision.vitals.latency, 1);
}

TEST(Vitals, KeepTwentyMinutesWithTheLastValueOfEachAndGapsAreEmpty) {
  VitalsHistory history;
  const auto at = [&](Duration after, double load) {
    remember_vitals({.load = load, .total = {}, .work = {}, .latency = {}, .errors = {}},
                    kStart + after, history);
  };
  at(0s, 1);
  at(59s, 2);
  at(3min, 5);
  const VitalsHistory copy = history;
  at(3min + 1s, 5);
  EXPECT_TRUE(copy.minutes.is_same(history.minutes)) << "it says the same";
  ASSERT_EQ(history.minutes.size(), 4u);
  EXPECT_EQ(history.minutes[0].load, 2);
  EXPECT_EQ(history.minutes[1], Vitals{});
  EXPECT_EQ(history.newest, kStart + 3min);
  EXPECT_EQ(median_of(history, &Vitals::load, kStart, kStart + 4min, 2), 2) << "the lower one";
  EXPECT_EQ(median_of(history, &Vitals::load, kStart, kStart + 3min, 2), std::nullopt);
  for (int minute = 4; minute < 30; ++minute) at(minute * 1min, minute);
  EXPECT_EQ(history.minutes.size(), 20u);
  EXPECT_EQ(history.minutes.front().load, 10);
  at(2h, 7);
  EXPECT_EQ(history.minutes.size(), 1u) << "nothing is left of what is longer ago";
}

}  // namespace
}  // namespace autoscaler
