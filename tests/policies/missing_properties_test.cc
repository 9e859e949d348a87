// What may happen while signals are missing, by what the user wants then.
#include "tests/policies/any_case.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace autoscaler {
namespace {

using namespace testing;

using Kind = WhenMissing::Kind;

// The signals that policies look at: cpu and rps have a track each, the threshold takes all but
// memory.
constexpr size_t kUsed[] = {0, 2, 3, 4};

// Some of them, and at least one.
void lose_some(Case& c) {
  const int32_t which = number(1, 15);
  for (size_t i = 0; i < 4; ++i) {
    if ((which >> i) % 2 == 1) c.signals[kUsed[i]] = for_service(missing());
  }
}

int32_t lowest_by_bounds(const Case& c) {
  return std::min(c.workload.size, c.spec.bounds.max);
}

RC_GTEST_PROP(WhenMissingIs, HoldNobodyScalesInFurtherThanBoundsForce, ()) {
  Case c = any_case();
  lose_some(c);
  RC_ASSERT(decide(c).to >= lowest_by_bounds(c));
}

RC_GTEST_PROP(WhenMissingIs, HoldLosingOneMoreNeverLowersTheSize, ()) {
  Case c = any_case();
  if (coin()) lose_some(c);
  const auto before = decide(c);
  c.signals[0] = for_service(missing());
  RC_ASSERT(decide(c).to >= std::min(before.to, lowest_by_bounds(c)));
}

// One policy on one signal, which is missing since `gone`, and was last seen with `value`.
struct Lost {
  Case c;
  Duration gone;
  double value;
};

Lost any_lost(Kind kind) {
  Lost lost{any_case(), number(0, 600) * 1s, number(0, 300) / 100.0};
  Case& c = lost.c;
  c.spec.policies.resize(1);  // tracks cpu
  c.recent.policies.resize(1);
  WhenMissing& when = c.spec.signals[0].when_missing;
  when.kind = kind;
  when.after = number(0, 5) * 60s;
  when.hold_last_for = number(0, 10) * 60s;
  when.replicas = number(1, 20);
  when.every = number(1, 5) * 60s;
  c.signals[0] = for_service(missing());
  SignalMemory& memory = c.recent.signals[0];
  memory.missing_since = kStart - lost.gone;
  memory.last_value = lost.value;
  memory.last_value_at = kStart - lost.gone - number(0, 5) * 1s;
  if (coin()) memory.last_step = kStart - number(0, 600) * 1s;
  return lost;
}

bool is_due(const Lost& lost) {
  return lost.gone >= lost.c.spec.signals[0].when_missing.after;
}

RC_GTEST_PROP(WhenMissingIs, AnythingBeforeItsTimeHolds, ()) {
  Lost lost = any_lost(static_cast<Kind>(number(0, 5)));
  RC_PRE(!is_due(lost));
  const auto decision = decide(lost.c);
  RC_ASSERT(!decision.proposals[0].replicas);
  RC_ASSERT(decision.to >= lowest_by_bounds(lost.c));
}

RC_GTEST_PROP(WhenMissingIs, IgnoreDecidesAsWithoutThePolicy, ()) {
  Lost lost = any_lost(Kind::kIgnore);
  RC_PRE(is_due(lost));
  const auto with = decide(lost.c);
  lost.c.spec.policies.clear();
  lost.c.recent.policies.clear();
  const auto without = decide(lost.c);
  RC_ASSERT(with.combined == without.combined);
  RC_ASSERT(with.to == without.to);
}

RC_GTEST_PROP(WhenMissingIs, LastDecidesAsWithTheLastValueAndThenHolds, ()) {
  Lost lost = any_lost(Kind::kLast);
  RC_PRE(is_due(lost));
  const Duration age = kStart - *lost.c.recent.signals[0].last_value_at;
  const auto missing = decide(lost.c);
  if (age > lost.c.spec.signals[0].when_missing.hold_last_for) {
    RC_ASSERT(missing.to >= lowest_by_bounds(lost.c));
    return;
  }
  lost.c.signals[0] = for_service(lost.value);
  const auto there = decide(lost.c);
  RC_ASSERT(missing.proposals[0].replicas == there.proposals[0].replicas);
  RC_ASSERT(missing.to == there.to);
}

RC_GTEST_PROP(WhenMissingIs, FloorIsTheLeastAndNothingScalesIn, ()) {
  Lost lost = any_lost(Kind::kFloor);
  RC_PRE(is_due(lost));
  const auto decision = decide(lost.c);
  const int32_t floor = lost.c.spec.signals[0].when_missing.replicas;
  RC_ASSERT(decision.combined == std::max(lost.c.workload.size, floor));
  RC_ASSERT(decision.to >= lowest_by_bounds(lost.c));
}

RC_GTEST_PROP(WhenMissingIs, SizeIsWhatIsWanted, ()) {
  Lost lost = any_lost(Kind::kSize);
  RC_PRE(is_due(lost));
  RC_ASSERT(decide(lost.c).combined == lost.c.spec.signals[0].when_missing.replicas);
}

RC_GTEST_PROP(WhenMissingIs, TowardsMaxIsAStepOncePerPeriodAndNothingScalesIn, ()) {
  Lost lost = any_lost(Kind::kTowardsMax);
  RC_PRE(is_due(lost));
  const WhenMissing& when = lost.c.spec.signals[0].when_missing;
  const auto& last = lost.c.recent.signals[0].last_step;
  const bool steps = !last || kStart - *last >= when.every;
  const auto decision = decide(lost.c);
  RC_ASSERT(decision.combined == lost.c.workload.size + (steps ? when.replicas : 0));
  RC_ASSERT(decision.to >= lowest_by_bounds(lost.c));
}

}  // namespace
}  // namespace autoscaler
