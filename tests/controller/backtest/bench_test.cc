#include "controller/backtest/bench.h"

#include "controller/backtest/bench_rows.h"
#include "tests/controller/backtest/loads.h"

#include <gtest/gtest.h>

#include <set>

namespace autoscaler {
namespace {

using namespace testing;

TEST(Bench, EveryPolicyHasARowForEachTraceAndLeadInTheirOrder) {
  const std::vector<Demand> demands{*demand_of(synthetic_trace({.name = "a", .days = 1})),
                                    *demand_of(synthetic_trace({.name = "b", .days = 1}))};
  BenchOptions options;
  options.leads_s = {120, 300};
  size_t told = 0;
  options.progress = [&told](size_t, size_t, const std::string&) { ++told; };
  const BenchResult result = run_bench(demands, options);
  const auto& rows = result.rows;
  EXPECT_EQ(told, 2u);
  ASSERT_EQ(rows.size() % 4, 0u);
  EXPECT_EQ(rows.front().trace, "a");
  EXPECT_EQ(rows.back().trace, "b");
  std::set<std::string> policies;
  for (const BenchRow& row : rows) {
    policies.insert(row.policy);
    EXPECT_EQ(row.score.scored_s, 43200);
    EXPECT_GT(row.oracle_hours, 0);
    if (row.policy == "oracle") {
      EXPECT_EQ(row.score.instance_hours, row.oracle_hours);
    }
  }
  for (const char* each :
       {"static-peak", "hpa-50", "hpa-60", "hpa-70", "aws-like-70", "cron-hpa-70", "oracle",
        "predict-0.3", "predict-30", "budget-1", "budget-0.5", "budget-0.1"}) {
    EXPECT_TRUE(policies.count(each)) << each;
  }
  ASSERT_EQ(result.forecasts.size(), 8u);
  EXPECT_EQ(result.forecasts.back().trace, "b");
  EXPECT_EQ(result.forecasts.back().horizon_s, 3600);
}

TEST(Bench, RowsAreJsonWithOneRowALine) {
  BenchRow row{.trace = "a",
               .policy = "hpa-70",
               .lead_s = 120,
               .capacity_factor = 1,
               .score = {},
               .oracle_hours = 2};
  row.score = {
      .scored_s = 3600, .instance_hours = 3, .violating_s = 36, .actions = 4, .reversals = 1};
  ForecastScore score;
  score.trace = "a";
  score.horizon_s = 180;
  score.wql = 0.25;
  score.wql_naive = 0.5;
  score.wql_persistence = 0.75;
  score.worst_hour_cover95 = 0.875;
  EXPECT_EQ(
      bench_json({{row, row}, {score}}),
      R"([{"trace":"a","policy":"hpa-70","lead_s":120,"capacity_factor":1.0,"scored_s":3600,"instance_hours":3.0,"oracle_hours":2.0,"violating_s":36,"actions":4,"reversals":1},
 {"trace":"a","policy":"hpa-70","lead_s":120,"capacity_factor":1.0,"scored_s":3600,"instance_hours":3.0,"oracle_hours":2.0,"violating_s":36,"actions":4,"reversals":1},
 {"trace":"a","horizon_s":180,"wql":0.25,"wql_naive":0.5,"wql_persistence":0.75,"cover95":0.0,"worst_hour_cover95":0.875}]
)");
}

}  // namespace
}  // namespace autoscaler
