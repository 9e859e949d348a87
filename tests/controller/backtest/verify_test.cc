#include "controller/backtest/verify.h"

#include "controller/backtest/bench.h"
#include "controller/sim/memory_journal.h"
#include "tests/controller/backtest/loads.h"

#include <gtest/gtest.h>

#include <tuple>

namespace autoscaler {
namespace {

using namespace testing;

// Two days: the gate opens in the second, and half an hour of the load is not recorded.
class Verify : public ::testing::TestWithParam<std::tuple<BenchPolicy, GateRule>> {
 protected:
  static Demand with_gap() {
    Trace trace = synthetic_trace({.days = 2, .daily = 0.2, .business = 2.5, .noise = 0.03});
    std::erase_if(trace.rows, [first = trace.rows.front().at_s](const Trace::Row& row) {
      return row.at_s > first + 90000 && row.at_s <= first + 91800;
    });
    return *demand_of(trace);
  }
};
INSTANTIATE_TEST_SUITE_P(Policies, Verify,
                         ::testing::Combine(::testing::Values(BenchPolicy{.price = 3, .budget = {}},
                                                              BenchPolicy{{}, 0.005, 1.2}),
                                            ::testing::Values(GateRule::kObeyed, kRowsGate)));

TEST_P(Verify, TheWholeLoopWithItsJournalComesToTheSameSizes) {
  MemoryJournal journal;
  const auto& [policy, gate] = GetParam();
  const auto differ = verify_sizes(with_gap(), 120, policy, gate, journal);
  EXPECT_FALSE(differ) << differ->tick << ": " << differ->bench << " and " << differ->looped << "; "
                       << differ->inputs;
}

}  // namespace
}  // namespace autoscaler
