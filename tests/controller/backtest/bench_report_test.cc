#include "controller/backtest/bench_report.h"

#include "controller/backtest/bench_rows.h"
#include "controller/backtest/comparison.h"
#include "controller/backtest/fleet.h"
#include "controller/backtest/trace_comparison.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

// A hundred hours of a service that needs one instance: hours paid are percent of the oracle's,
// hours violating percent of the time.
BenchRow row(const std::string& trace, const std::string& policy, double cost, double violating,
             double factor = 1, int64_t lead_s = 120) {
  BenchRow row;
  row.trace = trace;
  row.policy = policy;
  row.lead_s = lead_s;
  row.capacity_factor = factor;
  row.oracle_hours = 100;
  row.score = {.scored_s = 360'000,
               .instance_hours = 100 * cost,
               .violating_s = static_cast<int64_t>(3600 * violating),
               .actions = 200,
               .reversals = 50};
  return row;
}

// Two traces; the means are: hpa-70 1.2 at 4 %, V of 0.5, 1, 2 and 4 at 1.1, 1.2, 1.25 and 1.5.
std::vector<BenchRow> rows() {
  return {row("calm", "hpa-70", 1.1, 2),    row("wild", "hpa-70", 1.3, 6),
          row("calm", "hpa-60", 1.3, 1),    row("wild", "hpa-60", 1.5, 1),
          row("calm", "predict-0.5", 1, 4), row("wild", "predict-0.5", 1.2, 2),
          row("calm", "predict-1", 1.1, 1), row("wild", "predict-1", 1.3, 1.4),
          row("calm", "predict-2", 1.2, 1), row("wild", "predict-2", 1.3, 1),
          row("calm", "predict-4", 1.5, 0), row("wild", "predict-4", 1.5, 0.2)};
}

// The line of a table that begins with this cell, without its padding.
std::string line_of(const std::string& text, const std::string& cell) {
  const size_t begin = text.find("| " + cell + " ");
  if (begin == std::string::npos) return "no '" + cell + "' in\n" + text;
  std::string line;
  for (const char letter : text.substr(begin, text.find('\n', begin) - begin)) {
    if (letter != ' ' || line.back() != ' ') line += letter;
  }
  return line;
}

TEST(Fleet, IsTheMeanOverTheTracesAndNamesTheWorst) {
  const Fleet fleet(rows());
  const FleetRow* hpa = fleet.find("hpa-70", 120);
  ASSERT_NE(hpa, nullptr);
  EXPECT_EQ(hpa->traces, 2);
  EXPECT_DOUBLE_EQ(hpa->cost, 1.2);
  EXPECT_DOUBLE_EQ(hpa->violating, 0.04);
  EXPECT_DOUBLE_EQ(hpa->worst, 0.06);
  EXPECT_EQ(hpa->worst_trace, "wild");
  EXPECT_DOUBLE_EQ(hpa->actions, 2);
  EXPECT_DOUBLE_EQ(hpa->reversals, 0.5);
  EXPECT_EQ(fleet.find("hpa-70", 300), nullptr);
  EXPECT_EQ(fleet.find("hpa-70", 120, 0.9), nullptr);
}

TEST(Fleet, ComparesAtTheDearestVThatIsNotDearerAndAtTheCheapestThatIsNotWorse) {
  const Fleet fleet(rows());
  EXPECT_EQ(fleet.at_no_more_cost(fleet.find("hpa-70", 120)->cost, 120)->policy, "predict-1")
      << "as dear is not dearer";
  EXPECT_EQ(fleet.at_no_more_cost(1.249, 120)->policy, "predict-1") << "nothing in between";
  EXPECT_EQ(fleet.at_no_more_cost(9, 120)->policy, "predict-4");
  EXPECT_EQ(fleet.at_no_more_cost(1.09, 120), nullptr);
  EXPECT_EQ(fleet.at_no_more_violating(0.012, 120)->policy, "predict-1");
  EXPECT_EQ(fleet.at_no_more_violating(0.0119, 120)->policy, "predict-2");
  EXPECT_EQ(fleet.at_no_more_violating(0, 120), nullptr);
  EXPECT_EQ(fleet.at_no_more_cost(9, 300), nullptr) << "no other lead";
}

TEST(Comparison, OfTracesIsAtTheFleetsVOrAtEachTracesOwn) {
  const std::vector<BenchRow> all = rows();
  const Fleet fleet(all);
  const FleetRow& hpa = *fleet.find("hpa-70", 120);
  // predict-1: calm from 2 to 1, wild from 6 to 1.4.
  EXPECT_NEAR(*median_change(traces_at(all, hpa, *fleet.find("predict-1", 120))),
              (-0.5 - 4.6 / 6) / 2, 1e-9);
  const auto own = traces_at_own_cost(all, hpa);
  ASSERT_EQ(own.size(), 2u);
  EXPECT_EQ(own[0].ours->policy, "predict-1");
  EXPECT_EQ(own[1].ours->policy, "predict-1") << "the first of those that cost the same";
  const FleetRow cheap{.policy = "hpa-60", .lead_s = 120};
  std::vector<BenchRow> dear = {row("calm", "hpa-60", 0.9, 1), row("calm", "predict-1", 1, 0)};
  EXPECT_EQ(traces_at_own_cost(dear, cheap)[0].ours, nullptr);
  EXPECT_FALSE(median_change(traces_at_own_cost(dear, cheap)));
}

// Those on which nothing is as cheap are not in its number, so that it says "met" of nothing.
TEST(Comparison, ATracesOwnVIsShownAndNotJudged) {
  EXPECT_EQ(
      line_of(comparison_tables(rows(), true),
              "each trace's own V at no more cost, median against hpa-70"),
      "| each trace's own V at no more cost, median against hpa-70 | | -63.3 % of 2 traces |");
}

TEST(Comparison, AViolationWhereTheRivalHadNoneIsEndlessAndNoneOnBothSidesNoChange) {
  EXPECT_EQ(change_of(0, 0), 0);
  EXPECT_GT(change_of(1e-9, 0), 1e9);
  EXPECT_DOUBLE_EQ(change_of(1, 4), -0.75);
}

TEST(Comparison, SaysBesideEachNumberWhetherItIsWhatItMustBe) {
  const std::string text = comparison_tables(rows(), true);
  EXPECT_EQ(line_of(text, "violations against hpa-70 at no more fleet cost"),
            "| violations against hpa-70 at no more fleet cost | -65 / -55 % | "
            "-70.0 % (predict-1), met |");
  EXPECT_EQ(line_of(text, "violations against hpa-60 at no more fleet cost"),
            "| violations against hpa-60 at no more fleet cost | -80 / -80 % | "
            "+0.0 % (predict-2), short |");
  EXPECT_EQ(line_of(text, "fleet cost at no more violations than hpa-60"),
            "| fleet cost at no more violations than hpa-60 | -18 % at 2 min | "
            "-10.7 % (predict-2), short |");
  EXPECT_EQ(line_of(text, "cheapest V within 0.8 % violating: cost"),
            "| cheapest V within 0.8 % violating: cost | 1.23 at 2 min | "
            "1.500 (predict-4), short |");
  EXPECT_EQ(line_of(text, "direction changes an hour, at the cost of hpa-70"),
            "| direction changes an hour, at the cost of hpa-70 | 2.0 | 0.50, met |");
  EXPECT_EQ(line_of(text, "actions over those of hpa-70, at the cost of hpa-70"),
            "| actions over those of hpa-70, at the cost of hpa-70 | 1.2 | 1.00, met |");
}

TEST(Comparison, WithoutAVAsCheapItIsShort) {
  std::vector<BenchRow> dear = {row("calm", "hpa-70", 1, 2), row("calm", "predict-1", 1.1, 1)};
  const std::string line =
      line_of(comparison_tables(dear, true), "violations against hpa-70 at no more fleet cost");
  EXPECT_NE(line.find("none as cheap, short"), std::string::npos) << line;
}

TEST(Comparison, TenMinutesAreShownAndNotJudgedButWhereTheBudgetIs) {
  std::vector<BenchRow> late;
  for (const BenchRow& each : rows()) {
    late.push_back(each);
    late.back().lead_s = 600;
  }
  late.push_back(row("calm", "budget-0.5", 1.2, 0.62, 1, 600));
  late.push_back(row("calm", "budget-1", 1.2, 1.26, 1, 600));
  const std::string text = comparison_tables(late, true);
  EXPECT_EQ(line_of(text, "violations against hpa-70 at no more fleet cost"),
            "| violations against hpa-70 at no more fleet cost | -65 / -55 % | "
            "-70.0 % (predict-1) |");
  EXPECT_EQ(line_of(text, "budget-0.5: violating, the worst trace"),
            "| budget-0.5: violating, the worst trace | 0.5 %; 0.625 at 10 min | "
            "0.62 % (calm), met |");
  EXPECT_EQ(line_of(text, "budget-1: violating, the worst trace"),
            "| budget-1: violating, the worst trace | 1 %; 1.25 at 10 min | "
            "1.26 % (calm), short |");
}

TEST(Comparison, ABudgetIsHeldByEveryTraceAndAWrongBeliefCostsLittle) {
  std::vector<BenchRow> budgets = {
      row("calm", "budget-0.5", 1.2, 0.1),      row("wild", "budget-0.5", 2.0, 0.52),
      row("calm", "budget-0.5", 1.3, 0.1, 0.9), row("wild", "budget-0.5", 2.2, 0.4, 0.9),
      row("calm", "budget-0.5", 1.2, 0.2, 1.2), row("wild", "budget-0.5", 2.0, 0.53, 1.2)};
  const std::string text = comparison_tables(budgets, true);
  EXPECT_EQ(line_of(text, "budget-0.5: violating, the worst trace"),
            "| budget-0.5: violating, the worst trace | 0.5 %; 0.625 at 10 min | "
            "0.52 % (wild), short |");
  EXPECT_EQ(line_of(text, "budget-0.5: cost"), "| budget-0.5: cost | 1.6 / 1.85 | 1.600, met |");
  EXPECT_EQ(line_of(text, "budget-0.5, -10 %: cost"),
            "| budget-0.5, -10 %: cost | +5 % | +9.4 %, short |");
  EXPECT_EQ(line_of(text, "budget-0.5, +20 %: violating, points"),
            "| budget-0.5, +20 %: violating, points | +0.05 | +0.055, short |");
}

TEST(Comparison, OfAHarderWorldNothingIsAskedFor) {
  const std::string text = comparison_tables(rows(), false);
  EXPECT_EQ(text.find("must"), std::string::npos);
  EXPECT_EQ(line_of(text, "violations against hpa-70 at no more fleet cost"),
            "| violations against hpa-70 at no more fleet cost | -70.0 % (predict-1) |");
}

ForecastScore score(const std::string& trace, int64_t horizon_s, double wql, double cover95) {
  ForecastScore score;
  score.trace = trace;
  score.horizon_s = horizon_s;
  score.wql = wql;
  score.wql_naive = 1;
  score.wql_persistence = 0.5;
  score.coverage[kP95] = cover95;
  score.worst_hour_cover95 = 0.9;
  return score;
}

TEST(Comparison, OfForecastsTheGeometricMeanAndTheWorstTraceCount) {
  BenchResult result;
  result.rows = {row("calm", "hpa-70", 1, 0), row("brief", "hpa-70", 1, 0)};
  result.rows[1].score.scored_s = 3600;
  result.forecasts = {score("calm", 180, 0.2, 0.945), score("brief", 180, 0.8, 1),
                      score("calm", 3600, 1.4, 0.8)};
  const std::string text = forecast_table(result, true);
  EXPECT_EQ(line_of(text, "loss over seasonal naive, geometric mean"),
            "| loss over seasonal naive, geometric mean | 0.38 / 0.46 / 0.57 / 0.60 | "
            "0.400, short | | | 1.400, short |");
  EXPECT_EQ(line_of(text, "the worst trace"),
            "| the worst trace | 1.3 | 0.80 (brief), met | | | 1.40 (calm), short |");
  EXPECT_NE(text.find("\nNothing to score, and left out: calm at 6 min, calm at 11 min, brief at 6 "
                      "min, brief at 11 min, brief at 60 min.\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(line_of(text, "loss over persistence, geometric mean"),
            "| loss over persistence, geometric mean | | 0.800 | | | 2.800 |");
  EXPECT_EQ(line_of(text, "P95 coverage, largest error in points"),
            "| P95 coverage, largest error in points | 1.1 to 11 min | 5.00 (brief), short | | | "
            "15.00 (calm) |");
  EXPECT_EQ(line_of(text, "the same, of traces scored for a day at least"),
            "| the same, of traces scored for a day at least | 1.1 to 11 min | 0.50 (calm), met | "
            "| | 15.00 (calm) |");
}

TEST(BenchReport, HasTheFleetTheComparisonsTheForecastsAndEachTrace) {
  BenchResult result;
  result.rows = rows();
  result.forecasts = {score("calm", 180, 0.2, 0.95), score("calm", 660, 0.4, 0.94)};
  const std::string text = bench_report(result, true);
  EXPECT_EQ(line_of(text, "hpa-70"), "| hpa-70 | 1.200 / 4.00 |");
  EXPECT_EQ(line_of(text, "calm"),
            "| calm | 0.20 / - / 0.40 / - | 0.940 | 1.10 / 2.00 | 1.10 / 1.00 | | |");
  EXPECT_EQ(line_of(text, "wild"), "| wild | | | 1.30 / 6.00 | 1.30 / 1.40 | | |");
  EXPECT_EQ(bench_report({{}, result.forecasts}, true).find("cost / violating\n"),
            std::string::npos);
}

TEST(BenchRows, ThatWerePrintedAreReadAsTheyWere) {
  BenchResult result;
  result.rows = rows();
  result.forecasts = {score("calm", 180, 0.2, 0.95)};
  const std::string json = bench_json(result);
  const auto read = parse_bench_json(json);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(bench_json(*read), json);
  EXPECT_EQ(bench_report(*read, true), bench_report(result, true));
}

TEST(BenchRows, AFaultNamesTheRow) {
  EXPECT_NE(parse_bench_json("{}").error().message.find("JSON array"), std::string::npos);
  EXPECT_NE(parse_bench_json(R"([{"trace":"a"}])").error().message.find("row 1"),
            std::string::npos);
  BenchRow nothing = row("calm", "hpa-70", 1, 1);
  nothing.score.scored_s = 0;
  EXPECT_EQ(
      parse_bench_json(bench_json({{row("calm", "hpa-70", 1, 1), nothing}, {}})).error().message,
      "row 2: nothing was scored; take it out");
  EXPECT_EQ(parse_bench_json(bench_json({{}, {score("calm", 180, 0, 1)}})).error().message,
            "row 1: nothing was scored; take it out");
}

}  // namespace
}  // namespace autoscaler
