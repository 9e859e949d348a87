#include "tests/policies/any_case.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace autoscaler {
namespace {

using namespace testing;

bool is_paused(const Case& c, Pause::Direction direction) {
  const auto holds = [direction](const std::optional<Pause>& pause) {
    return pause && (!pause->until || kStart < *pause->until) &&
           (pause->direction == Pause::Direction::kAll || pause->direction == direction);
  };
  return holds(c.spec.pause) || holds(c.workload.orders.pause);
}

RC_GTEST_PROP(Properties, BoundsAlwaysHoldUnlessPaused, ()) {
  const Case c = any_rich_case();
  const auto decision = decide(c);
  const Bounds& bounds = c.spec.bounds;
  RC_ASSERT(decision.to >= bounds.min || is_paused(c, Pause::Direction::kOut));
  RC_ASSERT(decision.to <= bounds.max || is_paused(c, Pause::Direction::kIn));
}

RC_GTEST_PROP(Properties, WhatIsPausedDoesNotMove, ()) {
  const Case c = any_rich_case();
  const auto decision = decide(c);
  RC_ASSERT(decision.to <= decision.from || !is_paused(c, Pause::Direction::kOut));
  RC_ASSERT(decision.to >= decision.from || !is_paused(c, Pause::Direction::kIn));
}

RC_GTEST_PROP(Properties, APauseThatIsOverChangesNothing, ()) {
  Case c = any_rich_case();
  c.spec.pause = Pause{Pause::Direction::kAll, kStart};
  const auto with = decide(c);
  c.spec.pause.reset();
  const auto without = decide(c);
  RC_ASSERT(with.to == without.to);
  RC_ASSERT(with.reason == without.reason);
}

RC_GTEST_PROP(Properties, TheMinimumOfAnOpenWindowHolds, ()) {
  Case c = any_rich_case();
  c.spec.pause.reset();
  c.workload.orders = {};
  c.workload.windows = {{4, kStart + number(-60, 60) * 1s, kStart + 1h}};
  const auto& schedule = std::get<ScheduleSpec>(c.spec.policies[4].rule);
  RC_ASSERT(decide(c).to >= std::min(schedule.min.value_or(0), c.spec.bounds.max));
}

RC_GTEST_PROP(Properties, ASizeThatIsOrderedHolds, ()) {
  Case c = any_rich_case();
  c.spec.pause.reset();
  c.workload.journal_writable = true;
  const int32_t size = number(0, 20);
  c.workload.orders = {{}, SizeOrder{size, kStart + 1min}};
  RC_ASSERT(decide(c).to == std::clamp(size, c.spec.bounds.min, c.spec.bounds.max));
}

// Nothing moves the number without saying so, and only what binds says what it cost.
RC_GTEST_PROP(Properties, TheTrailIsUnbroken, ()) {
  const auto decision = decide(any_rich_case());
  const auto& trail = decision.adjustments;
  for (size_t i = 0; i < trail.size(); ++i) {
    const bool last = i + 1 == trail.size();
    RC_ASSERT(trail[i].before != trail[i].after);
    RC_ASSERT(trail[i].after == (last ? decision.to : trail[i + 1].before));
    RC_ASSERT(trail[i].without.has_value() == last);
  }
  if (trail.empty() && decision.bound_by) RC_ASSERT(decision.to == decision.combined);
}

RC_GTEST_PROP(Properties, TheTrailBeginsWithTheLargestWish, ()) {
  const auto decision = decide(any_case());
  int32_t largest = decision.bound_by ? 0 : decision.from;
  for (const Proposal& each : decision.proposals) {
    largest = std::max(largest, each.replicas.value_or(0));
  }
  const int32_t begins =
      decision.adjustments.empty() ? decision.to : decision.adjustments.front().before;
  RC_ASSERT(begins == (decision.bound_by ? largest : decision.from));
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
  Case c = any_rich_case();
  const auto before = decide(c);
  std::reverse(c.spec.policies.begin(), c.spec.policies.end());
  std::reverse(c.recent.policies.begin(), c.recent.policies.end());
  for (OpenWindow& window : c.workload.windows) window.policy = 0;  // the schedule's, once the last
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
    std::vector<Instance>& instances = c.workload.instances.edit();
    std::swap(instances[i].lifecycle, instances[j].lifecycle);
    for (Signal& signal : c.signals) {
      auto* rows = std::get_if<InstanceReadings>(&signal.readings);
      if (rows) std::swap(rows->edit()[i].reading, rows->edit()[j].reading);
    }
  }
  const auto after = decide(c);
  RC_ASSERT(after.to == before.to);
  RC_ASSERT(after.reason == before.reason);
}

RC_GTEST_PROP(Properties, TheSameInputsGiveTheSameDecision, ()) {
  const Case c = any_rich_case();
  const auto one = decide(c);
  const auto two = decide(c);
  RC_ASSERT(one.to == two.to);
  RC_ASSERT(one.reason == two.reason);
  RC_ASSERT(one.combined == two.combined);
}

}  // namespace
}  // namespace autoscaler
