#include "controller/backtest/forecast_score.h"

#include "controller/backtest/forecast_report.h"
#include "tests/controller/backtest/loads.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;

std::vector<ForecastScore> scores_of(const Synthetic& made) {
  return score_forecasts(made.name, minutes_of(*demand_of(synthetic_trace(made))), {});
}

TEST(ForecastScore, ADayThatRepeatsItselfIsForecastBetterThanByEitherPlainForecast) {
  for (const ForecastScore& score : scores_of({.days = 15, .noise = 0.1})) {
    EXPECT_LT(score.wql, score.wql_persistence) << score.horizon_s;
    EXPECT_LT(score.wql, score.wql_naive) << score.horizon_s;
    EXPECT_NEAR(score.cover95(), 0.95, score.horizon_s > 660 ? 0.05 : 0.011) << score.horizon_s;
    EXPECT_GE(score.coverage[7], score.coverage[3]);
    EXPECT_GT(score.origins, 8 * 1440 - 61);
  }
}

TEST(ForecastScore, AMinuteIsTheHighestOfItsTicksAndOfAGapNothingIsKnown) {
  Demand demand = demand_in_instances({1, 2, 3, 2, 1, 1, 1, 1});
  demand.in_gap[6] = true;
  const Minutes minutes = minutes_of(demand);
  ASSERT_EQ(minutes.loads.size(), 2u);
  EXPECT_EQ(minutes.loads[0], 3 * 86);
  EXPECT_FALSE(minutes.loads[1]);
}

TEST(ForecastScore, WhereNothingCanBeScoredThereIsNone) {
  const auto horizons = [](double load, size_t minutes) {
    std::vector<int64_t> found;
    const Demand demand = demand_in_instances(std::vector<double>(4 * minutes, load));
    for (const ForecastScore& each : score_forecasts("made", minutes_of(demand), {})) {
      found.push_back(each.horizon_s);
      EXPECT_GT(each.wql_naive, 0);
    }
    return found;
  };
  EXPECT_EQ(horizons(1, 62), (std::vector<int64_t>{180, 360, 660, 3600}));
  EXPECT_EQ(horizons(1, 60), (std::vector<int64_t>{180, 360, 660}));
  EXPECT_EQ(horizons(1, 2), std::vector<int64_t>{});
  EXPECT_EQ(horizons(0, 62), std::vector<int64_t>{}) << "without load there is no loss";
}

TEST(ForecastScore, OfATraceMinutesWithoutARowAreUnknown) {
  const Minutes minutes =
      minutes_of(*parse_trace("holes", "timestamp,value\n0,1\n120,3\n600,5\n720,\n"));
  ASSERT_EQ(minutes.loads.size(), 12u);
  EXPECT_EQ(minutes.loads[1], 2);
  EXPECT_EQ(minutes.loads[2], 3);
  EXPECT_TRUE(minutes.loads[3]);
  EXPECT_FALSE(minutes.loads[4]);
  EXPECT_FALSE(minutes.loads[9]);
  EXPECT_EQ(minutes.loads[11], 5);
  const Minutes seconds =
      minutes_of(*parse_trace("seconds", "timestamp,value\n0,1\n1,9\n2,3\n59,4\n"));
  EXPECT_EQ(seconds.loads[0], 9);
}

TEST(ForecastScore, TheReportHasALineForEachHorizonAndABarForEachHour) {
  const auto scores = scores_of({.days = 3});
  const std::string text = forecast_text(scores);
  for (const char* line :
       {"    3 min", "   60 min", "P99.9", "P95 at 6 min by the hour", "\n23 "}) {
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
  EXPECT_NE(forecast_json(scores).find("\"worst_hour_cover95\""), std::string::npos);
}

}  // namespace
}  // namespace autoscaler
