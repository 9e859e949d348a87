#include "tests/policies/fleet_builder.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace autoscaler {
namespace {

using namespace testing;

int32_t number(int32_t from, int32_t to) {
  return *rc::gen::inRange(from, to + 1);
}
bool coin() {
  return number(0, 1) == 1;
}

Reading any_reading(size_t signal) {
  const double level = number(0, 300) / 100.0;
  const Instant at = kStart - number(0, 20) * 1s;  // past 15 s it is stale
  if (number(0, 9) == 0) return missing();
  if (signal == 3) return measured(RatioParts{level, level * number(0, 20)}, at);
  if (signal == 4) return measured(latencies(level), at);
  return measured(signal == 2 ? level * 100 : level, at);
}

Signal any_signal(size_t signal, size_t instances) {
  if (coin()) return for_service(any_reading(signal));
  std::vector<Reading> readings;
  for (size_t i = 0; i < instances; ++i) readings.push_back(any_reading(signal));
  return per_instance(readings);
}

Recent any_memory(const WorkloadSpec& spec, int32_t size) {
  Recent recent = first_sight(spec, size, kStart - number(0, 600) * 1s);
  for (int i = number(0, 4); i > 0; --i) {
    const Instant at = kStart - number(0, 400) * 1s;
    recent.recommendations.push_back({at, at, number(0, 40)});
    recent.events.push_back({kStart - number(0, 30) * 1s, number(-5, 5)});
  }
  if (coin()) recent.last_out = kStart - number(0, 100) * 1s;
  if (coin()) recent.last_in = kStart - number(0, 100) * 1s;
  recent.policies[2].past_in_samples = number(0, 6);
  if (coin()) recent.policies[2].last_out = kStart - number(0, 400) * 1s;
  return recent;
}

Case any_case() {
  Case c = golden_case(1);
  const size_t instances = static_cast<size_t>(number(0, 12));
  std::vector<Lifecycle> lives;
  for (size_t i = 0; i < instances; ++i) {
    lives.push_back(coin() ? Lifecycle::kInService
                           : static_cast<Lifecycle>(number(0, kLifecycleCount - 1)));
  }
  c.workload.instances = testing::instances(lives);
  c.workload.size = c.workload.status_size = number(0, 15);
  c.workload.journal_writable = number(0, 4) > 0;
  c.spec.bounds.min = number(0, 8);
  c.spec.bounds.max = c.spec.bounds.min + number(0, 10);
  if (coin()) c.spec.behavior.reset();
  if (coin()) c.spec.cooldown_out = c.spec.cooldown_in = 50s;
  for (size_t i = 0; i < c.signals.size(); ++i) c.signals[i] = any_signal(i, instances);
  c.recent = any_memory(c.spec, c.workload.size);
  return c;
}

Decision decide(const Case& c) {
  return evaluate(c.spec, c.workload, c.signals, c.recent, kStart);
}

RC_GTEST_PROP(Properties, BoundsAlwaysHold, ()) {
  const Case c = any_case();
  const auto decision = decide(c);
  RC_ASSERT(decision.to >= c.spec.bounds.min);
  RC_ASSERT(decision.to <= c.spec.bounds.max);
}

RC_GTEST_PROP(Properties, WithASignalMissingOnlyBoundsScaleIn, ()) {
  Case c = any_case();
  const size_t used[] = {0, 2, 3, 4};
  c.signals[used[number(0, 3)]] = for_service(missing());
  const auto decision = decide(c);
  RC_ASSERT(decision.to >= std::min(decision.from, c.spec.bounds.max));
}

RC_GTEST_PROP(Properties, LosingSignalsNeverLowersTheSizeFurther, ()) {
  Case c = any_case();
  for (Signal& signal : c.signals) {
    if (coin()) signal = for_service(missing());
  }
  const auto before = decide(c);
  c.signals[0] = for_service(missing());
  const auto after = decide(c);
  RC_ASSERT(after.to >= std::min(before.to, std::min(after.from, c.spec.bounds.max)));
}

RC_GTEST_PROP(Properties, ADecisionHasAReasonThatFitsItAndAnUnbrokenTrail, ()) {
  const auto decision = decide(any_case());
  const bool moves = decision.reason == Reason::kScaleOut || decision.reason == Reason::kScaleIn ||
                     decision.reason == Reason::kBelowMin || decision.reason == Reason::kAboveMax;
  RC_ASSERT(moves == (decision.to != decision.from));
  for (size_t i = 0; i < decision.adjustments.size(); ++i) {
    const Adjustment& one = decision.adjustments[i];
    RC_ASSERT(one.before != one.after);
    const int32_t next =
        i + 1 < decision.adjustments.size() ? decision.adjustments[i + 1].before : decision.to;
    RC_ASSERT(one.after == next);
  }
}

RC_GTEST_PROP(Properties, TheOrderOfPoliciesChangesNothing, ()) {
  Case c = any_case();
  const auto before = decide(c);
  std::reverse(c.spec.policies.begin(), c.spec.policies.end());
  std::reverse(c.recent.policies.begin(), c.recent.policies.end());
  const auto after = decide(c);
  RC_ASSERT(after.to == before.to);
  RC_ASSERT(after.reason == before.reason);
}

RC_GTEST_PROP(Properties, WhichInstanceSaysWhatChangesNothing, ()) {
  Case c = any_case();
  const auto before = decide(c);
  const size_t count = c.workload.instances.size();
  for (size_t i = 0; i < count / 2; ++i) {
    const size_t j = count - 1 - i;
    std::swap(c.workload.instances[i].lifecycle, c.workload.instances[j].lifecycle);
    for (Signal& signal : c.signals) {
      auto* rows = std::get_if<std::vector<InstanceReading>>(&signal.readings);
      if (rows) std::swap((*rows)[i].reading, (*rows)[j].reading);
    }
  }
  const auto after = decide(c);
  RC_ASSERT(after.to == before.to);
  RC_ASSERT(after.reason == before.reason);
}

RC_GTEST_PROP(Properties, TheSameInputsGiveTheSameDecision, ()) {
  const Case c = any_case();
  const auto one = decide(c);
  const auto two = decide(c);
  RC_ASSERT(one.to == two.to);
  RC_ASSERT(one.reason == two.reason);
  RC_ASSERT(one.combined == two.combined);
}

}  // namespace
}  // namespace autoscaler
