#include "tests/policies/scene_builder.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;
using Meaning = SignalSpec::Meaning;
using Life = Lifecycle;

// Wants `value` instances of signal 0; the guards are those that a test names.
WorkloadSpec guarded(GuardsSpec guards) {
  TrackSpec wants = track(1, TrackSpec::Target::kPerInstance);
  wants.tolerance_out = wants.tolerance_in = 0;
  WorkloadSpec spec = spec_of(wants);
  spec.signals = {signal_spec("wanted"), signal_spec("other")};
  spec.guards = std::move(guards);
  return spec;
}

Decision decide(const WorkloadSpec& spec, const Workload& workload, double wanted, Reading other,
                const Recent& recent = {}) {
  return evaluate(spec, workload, {for_service(wanted), for_service(std::move(other))}, recent,
                  kStart);
}

// --- external ---

GuardsSpec blocks(bool in, Mark mark) {
  GuardsSpec guards = GuardsSpec::none();
  (in ? guards.block_in : guards.block_out) = {mark};
  return guards;
}

TEST(ExternalGuard, HoldsItsDirectionWhileItsMarkIsPast) {
  const auto out = guarded(blocks(false, {1, true, 0.9}));
  EXPECT_EQ(decide(out, workload_of(4), 8, measured(0.95)).reason, Reason::kExternal);
  EXPECT_EQ(decide(out, workload_of(4), 8, measured(0.9)).to, 8) << "on the mark is not past it";
  EXPECT_EQ(decide(out, workload_of(4), 2, measured(0.95)).to, 2) << "the other way is free";

  const auto in = guarded(blocks(true, {1, true, 0.9}));
  EXPECT_EQ(decide(in, workload_of(4), 2, measured(0.95)).reason, Reason::kExternal);
  EXPECT_EQ(decide(in, workload_of(4), 8, measured(0.95)).to, 8);
}

TEST(ExternalGuard, AMissingSignalHoldsScaleInByItsWhenMissing) {
  auto in = guarded(blocks(true, {1, true, 0.9}));
  EXPECT_EQ(decide(in, workload_of(4), 2, missing()).reason, Reason::kExternal);
  in.signals[1].when_missing.kind = WhenMissing::Kind::kIgnore;
  EXPECT_EQ(decide(in, workload_of(4), 2, missing()).to, 2);
  in.signals[1].when_missing.kind = WhenMissing::Kind::kLast;
  in.signals[1].when_missing.hold_last_for = 5min;
  Recent recent;
  recent.signals.resize(2);
  recent.signals[1].last_value_at = kStart - 1min;
  recent.signals[1].last_value = 0.95;
  EXPECT_EQ(decide(in, workload_of(4), 2, missing(), recent).to, 4);
  recent.signals[1].last_value = 0.5;
  EXPECT_EQ(decide(in, workload_of(4), 2, missing(), recent).to, 2);

  const auto out = guarded(blocks(false, {1, true, 0.9}));
  EXPECT_EQ(decide(out, workload_of(4), 8, missing()).to, 8) << "others may scale out";
}

TEST(ExternalGuard, BoundsAreRepairedAllTheSame) {
  auto spec = guarded(blocks(false, {1, true, 0.9}));
  spec.bounds.min = 6;
  EXPECT_EQ(decide(spec, workload_of(4), 8, measured(0.95)).to, 6);
}

// --- errors ---

WorkloadSpec with_errors(Meaning meaning) {
  GuardsSpec guards = GuardsSpec::none();
  guards.errors = 0.05;
  WorkloadSpec spec = guarded(guards);
  spec.signals[1].meaning = meaning;
  ThresholdSpec threshold;
  threshold.out = ThresholdSpec::Rule{};
  threshold.out->marks = {{1, true, 0.02}};
  threshold.out->change.instances = 3;
  spec.policies.push_back({"on-errors", threshold});
  return spec;
}

TEST(ErrorsGuard, NothingIsTakenFromAServiceThatFails) {
  const auto spec = with_errors(Meaning::kErrors);
  EXPECT_EQ(decide(spec, workload_of(8), 3, measured(0.06)).reason, Reason::kErrors);
  EXPECT_EQ(decide(spec, workload_of(8), 3, measured(0.01)).to, 3);
  EXPECT_EQ(decide(spec, workload_of(8), 3, missing()).reason, Reason::kMissingSignal);

  auto only_load_asks = spec;
  only_load_asks.policies.pop_back();
  const auto held = decide(only_load_asks, workload_of(8), 3, measured(0.06));
  EXPECT_EQ(held.to, 8);
  EXPECT_EQ(held.reason, Reason::kErrors);
}

TEST(ErrorsGuard, ErrorsAloneAreNoReasonToScaleOut) {
  const auto spec = with_errors(Meaning::kErrors);
  const auto decision = decide(spec, workload_of(8), 8, measured(0.06));
  EXPECT_EQ(decision.to, 8);
  EXPECT_EQ(decision.reason, Reason::kErrors);
  EXPECT_EQ(decide(spec, workload_of(8), 9, measured(0.06)).to, 9) << "what load asks for";
}

TEST(ErrorsGuard, WhatTheUserWantsWhileTheyAreMissingIsNotForTheirSake) {
  auto spec = with_errors(Meaning::kErrors);
  spec.signals[1].when_missing = {.kind = WhenMissing::Kind::kFloor, .replicas = 9};
  EXPECT_EQ(decide(spec, workload_of(8), 8, missing()).to, 9);
}

TEST(ErrorsGuard, RefusalsAreAReasonAtHighLoad) {
  const auto spec = with_errors(Meaning::kOverload);
  EXPECT_EQ(decide(spec, workload_of(10), 8, measured(0.06)).to, 13) << "80 % of the target";
  EXPECT_EQ(decide(spec, workload_of(10), 7, measured(0.06)).reason, Reason::kErrors);
}

TEST(ErrorsGuard, WhereNoTargetTellsTheLoadRefusalsAreBelieved) {
  auto spec = with_errors(Meaning::kOverload);
  spec.policies.erase(spec.policies.begin());
  EXPECT_EQ(decide(spec, workload_of(10), 0, measured(0.06)).to, 13);
}

TEST(ErrorsGuard, AnotherMarkOfTheSameRuleStillAsks) {
  auto spec = with_errors(Meaning::kErrors);
  spec.signals.push_back(signal_spec("latency"));
  auto& out = *std::get<ThresholdSpec>(spec.policies[1].rule).out;
  out.marks.push_back({2, true, 0.5});
  const auto asked = [&](double latency) {
    return evaluate(spec, workload_of(8), {for_service(8), for_service(0.06), for_service(latency)},
                    {}, kStart);
  };
  EXPECT_EQ(asked(0.6).to, 11);
  EXPECT_EQ(asked(0.4).to, 8);
  out.all = true;
  EXPECT_EQ(asked(0.6).to, 11) << "errors are a condition of it, not the reason";
}

TEST(ErrorsGuard, CanBeSwitchedOff) {
  auto spec = with_errors(Meaning::kErrors);
  spec.guards.errors.reset();
  EXPECT_EQ(decide(spec, workload_of(8), 8, measured(0.06)).to, 11);
}

// --- flap budget ---

TEST(FlapBudget, TheNextTurnWaitsUntilTheOldestIsAnHourOld) {
  GuardsSpec guards = GuardsSpec::none();
  guards.flap_budget = 3;
  const auto spec = guarded(guards);
  Recent recent;
  recent.last_in = kStart - 20min;
  recent.last_out = kStart - 10min;
  recent.turns = {kStart - 50min, kStart - 30min, kStart - 10min};
  EXPECT_EQ(decide(spec, workload_of(8), 3, measured(0.0), recent).reason, Reason::kFlapBudget);
  EXPECT_EQ(decide(spec, workload_of(8), 9, measured(0.0), recent).to, 9)
      << "growing is never held";
  recent.turns.front() = kStart - 60min;
  EXPECT_EQ(decide(spec, workload_of(8), 3, measured(0.0), recent).to, 3);
}

TEST(FlapBudget, AScaleInThatGoesOnIsNoTurn) {
  GuardsSpec guards = GuardsSpec::none();
  guards.flap_budget = 1;
  Recent recent;
  recent.last_out = kStart - 20min;
  recent.last_in = kStart - 10min;
  recent.turns = {kStart - 10min};
  EXPECT_EQ(decide(guarded(guards), workload_of(8), 3, measured(0.0), recent).to, 3);
}

TEST(FlapBudget, TurnsAreCountedAsTheyHappenAndForgottenAfterAnHour) {
  GuardsSpec guards = GuardsSpec::none();
  guards.flap_budget = 6;
  const auto spec = guarded(guards);
  Recent recent = first_sight(spec, 4, kStart);
  Instant now = kStart;
  int32_t size = 4;
  const auto resize = [&](double wanted) {
    now += 1min;
    const auto decision = evaluate(spec, workload_of(size),
                                   {for_service(wanted, now), for_service(0, now)}, recent, now);
    record(spec, decision, Outcome::kApplied, now, recent);
    size = decision.to;
  };
  for (const double wanted : {6, 8}) resize(wanted);
  EXPECT_EQ(recent.turns.size(), 0u) << "the first direction is no turn, nor is going on";
  for (const double wanted : {5, 3, 7, 4}) resize(wanted);
  EXPECT_EQ(recent.turns.size(), 3u);
  now += 59min;
  resize(4);
  EXPECT_EQ(recent.turns.size(), 0u);
}

// --- surge ---

TEST(Surge, GrowthWaitsWhileTooManyAreStarting) {
  GuardsSpec guards = GuardsSpec::none();
  guards.surge = SizeChange{0, 50.0};
  const auto spec = guarded(guards);
  const auto with = [&](int32_t in_service, int32_t starting, double wanted) {
    return decide(spec, workload_of(in_service, starting, Life::kLaunching), wanted, measured(0.0));
  };
  EXPECT_EQ(with(20, 0, 100).to, 30) << "half of 20";
  EXPECT_EQ(with(20, 10, 100).to, 35) << "half of 30, 10 of which are starting";
  EXPECT_EQ(with(20, 20, 100).reason, Reason::kSurge);
  EXPECT_EQ(with(20, 20, 10).reason, Reason::kWarmup) << "it is no matter of scaling in";
  EXPECT_EQ(with(2, 0, 100).to, 6) << "a percentage leaves 4 at least";
}

TEST(Surge, ANumberIsThatNumberAndReadyOnesDoNotCount) {
  GuardsSpec guards = GuardsSpec::none();
  guards.surge = SizeChange{2, {}};
  const auto spec = guarded(guards);
  EXPECT_EQ(decide(spec, workload_of(1, 1, Life::kRequested), 9, measured(0.0)).to, 3);
  EXPECT_EQ(decide(spec, workload_of(1, 1, Life::kReady), 9, measured(0.0)).to, 4);
  EXPECT_EQ(decide(spec, workload_of(1, 1, Life::kWarming), 9, measured(0.0)).to, 4);
}

// --- warm-up ---

TEST(Warmup, AnInstanceThatNeverWarmsStopsBlockingAtItsDeadline) {
  auto spec = guarded(GuardsSpec::none());
  spec.startup_deadline = 5min;
  spec.warmup = 1min;
  for (const Life life : {Life::kRequested, Life::kLaunching, Life::kReady, Life::kWarming}) {
    Workload workload = workload_of(4, 1, life);
    workload.instances.edit()[4].ordered = kStart - 6min;
    EXPECT_EQ(decide(spec, workload, 2, measured(0.0)).reason, Reason::kWarmup);
    workload.instances.edit()[4].ordered = kStart - 6min - 1ms;
    EXPECT_EQ(decide(spec, workload, 2, measured(0.0)).to, 2) << lifecycle_name(life);
  }
}

TEST(Warmup, AttemptsAfterFailedLaunchesBlockNothing) {
  const auto spec = guarded(GuardsSpec::none());
  Workload workload = workload_of(4, 1, Life::kLaunching);
  workload.launch_failures = 2;
  EXPECT_EQ(decide(spec, workload, 2, measured(0.0)).reason, Reason::kWarmup);
  workload.launch_failures = 3;
  EXPECT_EQ(decide(spec, workload, 2, measured(0.0)).to, 2);
  workload.instances.edit()[4].lifecycle = Life::kWarming;
  EXPECT_EQ(decide(spec, workload, 2, measured(0.0)).reason, Reason::kWarmup) << "it got ready";
}

TEST(Warmup, AStepIsAddedToWhatHasSpoken) {
  ThresholdSpec threshold;
  threshold.out = ThresholdSpec::Rule{};
  threshold.out->marks = {{0, true, 0.5}};
  threshold.out->change.instances = 3;
  threshold.out->cooldown = 0s;
  const auto spec = spec_of(threshold);
  const auto wanted = [&](int32_t in_service, int32_t warming) {
    return proposed(spec, workload_of(in_service, warming), {for_service(0.9)});
  };
  EXPECT_EQ(wanted(10, 0), 13);
  EXPECT_EQ(wanted(10, 3), 13) << "the step is on its way";
  EXPECT_EQ(wanted(10, 1), 13) << "the difference";
  EXPECT_EQ(wanted(10, 5), 15) << "never less than the size that stands";
  EXPECT_EQ(wanted(13, 0), 16) << "they are warm, and it is still past";
}

}  // namespace
}  // namespace autoscaler
