#include "tests/policies/any_case.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace autoscaler {
namespace {

using namespace testing;

RC_GTEST_PROP(Properties, BoundsAlwaysHold, ()) {
  const Case c = any_case();
  const auto decision = decide(c);
  RC_ASSERT(decision.to >= c.spec.bounds.min);
  RC_ASSERT(decision.to <= c.spec.bounds.max);
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
