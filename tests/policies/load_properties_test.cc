// More load never leads to fewer instances: outside `compatibility: hpa`, and with no guard that
// has something to say. What each guard may do to a number is a property of its own.
#include "tests/policies/any_case.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace autoscaler {
namespace {

using namespace testing;

// What an instance at so many percent of its targets shows.
Reading reading_at(size_t signal, int32_t percent) {
  const double level = percent / 100.0;
  switch (signal) {
    case 0: return measured(level * 0.65);
    case 1: return measured(level * 0.5);
    case 2: return measured(level * 120);
    case 3: return measured(RatioParts{level, 20});
    default: return measured(latencies(level / 2));
  }
}

using Percents = std::vector<int32_t>;  // one an instance

void set_load(Case& c, const Percents& percents) {
  for (size_t signal = 0; signal < c.signals.size(); ++signal) {
    std::vector<Reading> readings;
    for (const int32_t percent : percents) readings.push_back(reading_at(signal, percent));
    c.signals[signal] = per_instance(readings);
  }
}

// Every instance in service and measured, nothing fresh, nothing missing.
Case calm_case(const Percents& percents) {
  Case c = any_case();
  c.workload.instances =
      testing::instances(std::vector<Lifecycle>(percents.size(), Lifecycle::kInService));
  c.workload.journal_writable = true;
  c.recent.first_seen = kStart - 24h;
  set_load(c, percents);
  return c;
}

Percents any_percents() {
  Percents percents;
  for (int i = number(1, 12); i > 0; --i) percents.push_back(number(0, 300));
  return percents;
}

RC_GTEST_PROP(Load, MoreOfItNeverLeadsToFewer, ()) {
  Percents percents = any_percents();
  Case c = calm_case(percents);
  const auto before = decide(c);
  for (int32_t& percent : percents) percent += coin() ? number(0, 100) : 0;
  set_load(c, percents);
  const auto after = decide(c);
  RC_ASSERT(after.combined >= before.combined);
  RC_ASSERT(after.to >= before.to);
}

// A total that all instances share.
RC_GTEST_PROP(Load, MoreOfATotalNeverLeadsToFewer, ()) {
  Case c = calm_case({100});
  c.spec.policies.erase(c.spec.policies.begin());
  c.recent.policies.erase(c.recent.policies.begin());
  const int32_t low = number(0, 3000);
  const int32_t high = low + number(0, 1000);
  c.signals[2] = for_service(low);
  const auto before = decide(c);
  c.signals[2] = for_service(high);
  const auto after = decide(c);
  RC_ASSERT(after.combined >= before.combined);
  RC_ASSERT(after.to >= before.to);
}

bool is_guard(Rule rule) {
  return rule >= Rule::kDataQuality && rule <= Rule::kSurge;
}

RC_GTEST_PROP(Guards, OnlyPullTheNumberTowardsTheSizeThatStands, ()) {
  const auto decision = decide(any_rich_case());
  for (const Adjustment& one : decision.adjustments) {
    if (!is_guard(one.rule)) continue;
    const int32_t from = decision.from;
    RC_ASSERT(std::min(from, one.before) <= one.after);
    RC_ASSERT(one.after <= std::max(from, one.before));
  }
}

RC_GTEST_PROP(Guards, OfAFreshStartHoldForOneWindow, ()) {
  Case c = any_case();
  c.recent.first_seen = kStart - number(0, 299) * 1s;
  c.spec.behavior = Behavior{};
  RC_ASSERT(decide(c).to >= std::min(c.workload.size, c.spec.bounds.max));
}

RC_GTEST_PROP(Guards, OfAJournalThatCannotBeWrittenHold, ()) {
  Case c = any_case();
  c.workload.journal_writable = false;
  RC_ASSERT(decide(c).to >= std::min(c.workload.size, c.spec.bounds.max));
}

RC_GTEST_PROP(Guards, OfWarmUpHoldWhileAnythingWarmsUp, ()) {
  Case c = any_case();
  RC_PRE(!c.workload.instances.empty());
  c.workload.instances.edit().back().lifecycle = Lifecycle::kWarming;
  RC_ASSERT(decide(c).to >= std::min(c.workload.size, c.spec.bounds.max));
}

}  // namespace
}  // namespace autoscaler
