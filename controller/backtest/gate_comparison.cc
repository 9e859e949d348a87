#include "controller/backtest/gate_comparison.h"

#include "controller/backtest/markdown_table.h"
#include "controller/backtest/predictive.h"

#include <algorithm>
#include <cstdio>
#include <iterator>

namespace autoscaler {
namespace {

constexpr double kBudget = 0.005;

double share_shut(const Demand& demand, const ForecastTrack& track) {
  size_t scored = 0;
  size_t shut = 0;
  for (size_t tick = 0; tick < demand.ticks(); ++tick) {
    if (!demand.scored(tick)) continue;
    ++scored;
    shut += track.predictions[track.at_tick[tick]].gate != Gate::kOpen ? 1 : 0;
  }
  return scored > 0 ? static_cast<double>(shut) / static_cast<double>(scored) : 0;
}

Score run(const Demand& demand, int64_t lead_s, const ForecastTrack& track) {
  return run_world(demand, lead_s, *make_predictive({{}, kBudget, 1}, lead_s, track));
}

// Cost over the oracle's, and the percentage of the time that violated.
struct Standing {
  double cost = 0;
  double violating = 0;
};
Standing standing_of(const Score& score, double oracle_hours) {
  return {score.instance_hours / oracle_hours,
          100 * static_cast<double>(score.violating_s) / static_cast<double>(score.scored_s)};
}

std::string cell(const Standing& standing) {
  char text[48];
  std::snprintf(text, sizeof text, "%.2f / %.2f", standing.cost, standing.violating);
  return text;
}

std::string percent(double share) {
  char text[24];
  std::snprintf(text, sizeof text, "%.0f %%", 100 * share);
  return text;
}

constexpr Score GateComparison::*kColumns[] = {&GateComparison::open, &GateComparison::newest,
                                               &GateComparison::absent};

std::string table_of(const std::vector<GateComparison>& all, int64_t lead_s) {
  MarkdownTable table({"cost / violating at " + std::to_string(lead_s / 60) + " min", "gate shut",
                       "always open", "newest minute", "nothing"});
  Standing sums[std::size(kColumns)];
  double shut = 0;
  double count = 0;
  for (const GateComparison& each : all) {
    if (each.lead_s != lead_s) continue;
    std::vector<std::string> cells{each.trace, percent(each.shut)};
    for (size_t i = 0; i < std::size(kColumns); ++i) {
      const Standing standing = standing_of(each.*kColumns[i], each.oracle_hours);
      cells.push_back(cell(standing));
      sums[i].cost += standing.cost;
      sums[i].violating += standing.violating;
    }
    table.add(std::move(cells));
    shut += each.shut;
    ++count;
  }
  std::vector<std::string> means{"mean", percent(shut / count)};
  for (const Standing& sum : sums) means.push_back(cell({sum.cost / count, sum.violating / count}));
  table.add(std::move(means));
  return table.text() + "\n";
}

}  // namespace

std::vector<GateComparison> compare_gates(const Demand& demand,
                                          const std::vector<int64_t>& leads_s) {
  std::vector<GateComparison> all;
  for (const int64_t lead_s : leads_s) {
    GateComparison each{.trace = demand.name, .lead_s = lead_s};
    ForecastTrack track = track_forecasts(demand, lead_s, GateRule::kObeyed);
    each.shut = share_shut(demand, track);
    each.newest = run(demand, lead_s, track);
    for (Prediction& prediction : track.predictions) prediction.plain_highest.reset();
    each.absent = run(demand, lead_s, track);
    for (Prediction& prediction : track.predictions) prediction.gate = Gate::kOpen;
    each.open = run(demand, lead_s, track);
    each.oracle_hours = run_oracle(demand, lead_s).instance_hours;
    all.push_back(std::move(each));
  }
  return all;
}

std::string gate_report(const std::vector<GateComparison>& all) {
  std::string text;
  for (size_t i = 0; i < all.size(); ++i) {
    const bool is_first =
        std::none_of(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i),
                     [&](const auto& one) { return one.lead_s == all[i].lead_s; });
    if (is_first) text += table_of(all, all[i].lead_s);
  }
  return text;
}

}  // namespace autoscaler
