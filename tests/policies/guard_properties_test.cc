#include "policies/guards/guard.h"
#include "tests/policies/fleet_builder.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;
using Meaning = SignalSpec::Meaning;

int32_t number(int32_t from, int32_t to) {
  return *rc::gen::inRange(from, to + 1);
}
bool coin() {
  return number(0, 1) == 1;
}
Instant ago(int32_t most_seconds) {
  return kStart - number(0, most_seconds) * 1s;
}

template <typename T>
std::optional<T> maybe(T value) {
  return coin() ? std::optional(std::move(value)) : std::nullopt;
}

// Five golden signals that mean what they are called, three policies, any guards and memory. No
// window, rate or bound is in the way.
Case guarded_case() {
  Case c = golden_case(number(1, 12), static_cast<size_t>(number(0, 99)));
  WorkloadSpec& spec = c.spec;
  const Meaning meanings[] = {Meaning::kWork, Meaning::kOther, Meaning::kLoad,
                              coin() ? Meaning::kErrors : Meaning::kOverload, Meaning::kLatency};
  for (size_t i = 0; i < 5; ++i) spec.signals[i].meaning = meanings[i];
  spec.behavior.reset();
  spec.bounds = {0, 100'000};
  GuardsSpec& guards = spec.guards;
  guards.bad_deploy = maybe(SizeChange{0, 20.0});
  guards.ineffective = maybe(Duration{5min});
  guards.errors = maybe(0.05);
  guards.flap_budget = maybe(number(1, 6));
  guards.surge = maybe(coin() ? SizeChange{number(1, 9), {}} : SizeChange{0, 50.0});
  if (coin()) guards.block_in = {{1, true, number(0, 100) / 100.0}};
  if (coin()) guards.block_out = {{1, true, number(0, 100) / 100.0}};

  c.signals[0] = for_service(number(0, 200) / 100.0);
  c.signals[1] = for_service(number(0, 100) / 100.0);
  c.signals[2] = for_service(number(0, 3000));
  c.signals[3] = for_service(measured(RatioParts{number(0, 20) / 100.0, 1}));
  c.signals[4] = for_service(measured(latencies(number(0, 300) / 100.0)));
  if (number(0, 4) == 0) c.signals[static_cast<size_t>(number(0, 4))] = for_service(missing());

  for (Instance& instance : c.workload.instances.edit()) {
    if (coin()) continue;
    instance.lifecycle = static_cast<Lifecycle>(number(0, 4));
    instance.ordered = ago(600);
  }
  c.workload.launch_failures = number(0, 4);
  c.workload.deployed = maybe(ago(1800));
  c.workload.journal_writable = number(0, 4) > 0;

  Recent& recent = c.recent;
  recent.first_seen = ago(60);
  recent.last_out = maybe(ago(3600));
  recent.last_in = maybe(ago(3600));
  for (int32_t i = number(0, 8); i > 0; --i) recent.turns.push_back(ago(7200));
  recent.vitals.newest = kStart;
  for (int32_t i = number(0, 20); i > 0; --i) {
    recent.vitals.minutes.push_back({.load = maybe(number(1, 3) * 100.0),
                                     .total = maybe(number(1, 3) * 1000.0),
                                     .work = maybe(number(1, 3) * 0.3),
                                     .latency = maybe(number(1, 3) * 0.2),
                                     .errors = maybe(number(1, 3) * 0.02)});
  }
  if (coin()) {
    recent.suspicion = Suspicion{ago(7200),
                                 number(1, 20),
                                 {.load = maybe(number(1, 3) * 100.0),
                                  .total = maybe(number(1, 3) * 1000.0),
                                  .work = maybe(0.3),
                                  .latency = maybe(0.2),
                                  .errors = maybe(0.01)}};
  }
  if (coin()) recent.signals[4].useless_until = kStart + number(-60, 60) * 1s;
  return c;
}

Decision decide(const Case& c) {
  return evaluate(c.spec, c.workload, c.signals, c.recent, kStart);
}

RC_GTEST_PROP(GuardProperties, EachPullsTowardsTheSizeThatStandsAndNeverPastIt, ()) {
  const auto decision = decide(guarded_case());
  for (const Adjustment& one : decision.adjustments) {
    if (!is_guard(one.rule)) continue;
    if (one.before < decision.from) {
      RC_ASSERT(one.after > one.before && one.after <= decision.from);
    } else {
      RC_ASSERT(one.after < one.before && one.after >= decision.from);
    }
  }
}

RC_GTEST_PROP(GuardProperties, WithoutThemTheSizeMovesAtLeastAsFarTheSameWay, ()) {
  Case c = guarded_case();
  const auto held = decide(c);
  c.spec.guards = GuardsSpec::none();
  const auto free = decide(c);
  if (free.to >= free.from) {
    RC_ASSERT(held.to >= held.from && held.to <= free.to);
  } else {
    RC_ASSERT(held.to <= held.from && held.to >= free.to);
  }
}

RC_GTEST_PROP(GuardProperties, ErrorsAboveTheirMarkNeverScaleIn, ()) {
  Case c = guarded_case();
  c.spec.guards.errors = 0.05;
  c.signals[3] = for_service(measured(RatioParts{0.06, 1}));
  RC_ASSERT(decide(c).to >= c.workload.size);
}

RC_GTEST_PROP(GuardProperties, ErrorsThatAreNoOverloadNeverAddAnInstance, ()) {
  Case c = guarded_case();
  c.spec.guards = GuardsSpec::none();
  c.spec.guards.errors = 1.0;  // of their own accord they hold nothing
  c.spec.signals[3].meaning = Meaning::kErrors;
  c.signals[3] = for_service(measured(RatioParts{0, 1}));
  const auto well = decide(c);
  c.signals[3] = for_service(measured(RatioParts{0.9, 1}));
  const auto failing = decide(c);
  RC_ASSERT(failing.to <= std::max(well.to, c.workload.size));
}

RC_GTEST_PROP(GuardProperties, AMarkThatIsPastBlocksItsDirectionWhateverTheLoad, ()) {
  Case c = guarded_case();
  c.signals[1] = for_service(0.95);
  c.spec.guards.block_in = c.spec.guards.block_out = {{1, true, 0.9}};
  RC_ASSERT(decide(c).to == c.workload.size);
}

RC_GTEST_PROP(GuardProperties, PastTheBudgetNoScaleInIsATurn, ()) {
  Case c = guarded_case();
  c.spec.guards.flap_budget = 2;
  c.recent.turns = {kStart - 59min, kStart - 1min};
  c.recent.last_out = kStart - 1min;
  c.recent.last_in = kStart - 59min;
  RC_ASSERT(decide(c).to >= c.workload.size);
}

RC_GTEST_PROP(GuardProperties, GrowthNeverPutsMoreThanTheSurgeIntoStarting, ()) {
  Case c = guarded_case();
  const int32_t most = number(1, 9);
  c.spec.guards.surge = SizeChange{most, {}};
  int32_t starting = 0;
  for (const Instance& instance : c.workload.instances) {
    starting +=
        instance.lifecycle == Lifecycle::kRequested || instance.lifecycle == Lifecycle::kLaunching;
  }
  const auto decision = decide(c);
  RC_ASSERT(decision.to <= std::max(decision.from, decision.from + most - starting));
}

RC_GTEST_PROP(GuardProperties, UnderSuspicionTheSizeStaysWithinItsStep, ()) {
  Case c = guarded_case();
  c.spec.guards.bad_deploy = SizeChange{0, 20.0};
  const auto decision = decide(c);
  if (!decision.suspicion) return;
  const Suspicion& suspicion = *decision.suspicion;
  if (kStart - suspicion.since <= 20min) {
    RC_ASSERT(decision.to >= decision.from);
  }
  if (suspicion.before.total) return;  // more requests are worth more instances
  RC_ASSERT(decision.to >= decision.from);
  const int32_t step = std::max(1, suspicion.size / 5);
  RC_ASSERT(decision.to <= std::max(decision.from, suspicion.size + step));
}

RC_GTEST_PROP(GuardProperties, ASignalThatWasTriedInVainAddsNothing, ()) {
  Case c = guarded_case();
  c.spec.guards = GuardsSpec::none();
  c.spec.guards.ineffective = 5min;
  c.workload.launch_failures = 0;
  c.signals[3] = for_service(measured(RatioParts{0, 1}));
  c.recent.signals[4].useless_until = kStart + 1s;
  c.signals[4] = for_service(measured(latencies(0.02)));
  const auto quick = decide(c);
  c.signals[4] = for_service(measured(latencies(3)));
  const auto slow = decide(c);
  RC_ASSERT(slow.to <= std::max(quick.to, c.workload.size));
}

RC_GTEST_PROP(GuardProperties, WhileLaunchesFailOneAtATimeIsOrdered, ()) {
  Case c = guarded_case();
  c.spec.guards.ineffective = 5min;
  c.workload.launch_failures = number(3, 99);
  RC_ASSERT(decide(c).to <= c.workload.size + 1);
  c.workload.instances.edit().front().lifecycle = Lifecycle::kLaunching;
  RC_ASSERT(decide(c).to <= c.workload.size);
}

RC_GTEST_PROP(GuardProperties, AnAwaitedInstanceBlocksScaleInAndALateOneDoesNot, ()) {
  Case c = guarded_case();
  c.spec.startup_deadline = 60s;
  c.spec.warmup = 30s;
  c.workload.launch_failures = 0;
  for (Instance& instance : c.workload.instances.edit()) instance.lifecycle = Lifecycle::kInService;
  Instance& last = c.workload.instances.edit().back();
  last.lifecycle = static_cast<Lifecycle>(number(0, 3));
  last.ordered = ago(90);
  RC_ASSERT(decide(c).to >= c.workload.size);
  last.ordered = kStart - 91s;
  for (const Adjustment& one : decide(c).adjustments) RC_ASSERT(one.rule != Rule::kWarmup);
}

}  // namespace
}  // namespace autoscaler
