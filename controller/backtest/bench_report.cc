#include "controller/backtest/bench_report.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace autoscaler {
namespace {

// Means over the traces: every trace counts the same.
struct FleetRow {
  std::string policy;
  int64_t lead_s = 0;
  double capacity_factor = 1;
  int traces = 0;
  double cost = 0;       // instance-hours over the oracle's
  double violating = 0;  // share of the time
  double worst = 0;      // the largest of these
  double actions = 0;    // an hour
  double reversals = 0;
};

double share(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

std::vector<FleetRow> fleet_rows(const std::vector<BenchRow>& rows) {
  std::vector<FleetRow> fleet;
  for (const BenchRow& row : rows) {
    auto found = std::find_if(fleet.begin(), fleet.end(), [&row](const FleetRow& each) {
      return each.policy == row.policy && each.lead_s == row.lead_s &&
             each.capacity_factor == row.capacity_factor;
    });
    if (found == fleet.end()) {
      fleet.push_back({row.policy, row.lead_s, row.capacity_factor});
      found = fleet.end() - 1;
    }
    const auto scored_s = static_cast<double>(row.score.scored_s);
    const double violating = share(static_cast<double>(row.score.violating_s), scored_s);
    ++found->traces;
    found->cost += share(row.score.instance_hours, row.oracle_hours);
    found->violating += violating;
    found->worst = std::max(found->worst, violating);
    found->actions += share(static_cast<double>(row.score.actions), scored_s / 3600);
    found->reversals += share(static_cast<double>(row.score.reversals), scored_s / 3600);
  }
  for (FleetRow& each : fleet) {
    for (double* sum : {&each.cost, &each.violating, &each.actions, &each.reversals}) {
      *sum /= each.traces;
    }
  }
  std::stable_sort(fleet.begin(), fleet.end(),
                   [](const FleetRow& a, const FleetRow& b) { return a.lead_s < b.lead_s; });
  return fleet;
}

std::string label_of(const FleetRow& row) {
  if (row.capacity_factor == 1) return row.policy;
  char label[64];
  std::snprintf(label, sizeof label, "%s, C x %.1f", row.policy.c_str(), row.capacity_factor);
  return label;
}

nlohmann::ordered_json json_of(const BenchRow& row) {
  nlohmann::ordered_json json;
  json["trace"] = row.trace;
  json["policy"] = row.policy;
  json["lead_s"] = row.lead_s;
  json["capacity_factor"] = row.capacity_factor;
  json["scored_s"] = row.score.scored_s;
  json["instance_hours"] = row.score.instance_hours;
  json["oracle_hours"] = row.oracle_hours;
  json["violating_s"] = row.score.violating_s;
  json["actions"] = row.score.actions;
  json["reversals"] = row.score.reversals;
  return json;
}

nlohmann::ordered_json json_of(const ForecastScore& score) {
  nlohmann::ordered_json json;
  json["trace"] = score.trace;
  json["horizon_s"] = score.horizon_s;
  json["wql"] = score.wql;
  json["wql_naive"] = score.wql_naive;
  json["wql_persistence"] = score.wql_persistence;
  json["cover95"] = score.cover95();
  json["worst_hour_cover95"] = score.worst_hour_cover95;
  return json;
}

std::string policies_table(const std::vector<BenchRow>& rows) {
  std::string text;
  int64_t lead_s = 0;
  for (const FleetRow& row : fleet_rows(rows)) {
    char line[160];
    if (row.lead_s != lead_s) {
      lead_s = row.lead_s;
      std::snprintf(line, sizeof line,
                    "\nlead %lld s, mean over %d traces\n%-24s %8s %12s %12s %10s %10s\n",
                    static_cast<long long>(lead_s), row.traces, "policy", "cost", "violating %",
                    "worst %", "actions/h", "turns/h");
      text += line;
    }
    std::snprintf(line, sizeof line, "%-24s %8.3f %12.3f %12.3f %10.2f %10.2f\n",
                  label_of(row).c_str(), row.cost, 100 * row.violating, 100 * row.worst,
                  row.actions, row.reversals);
    text += line;
  }
  return text;
}

// Of one horizon over all traces.
std::string forecast_line(const std::vector<ForecastScore>& scores, int64_t horizon_s) {
  double naive = 0;
  double persistence = 0;
  double worst = 0;
  double coverage_error = 0;
  double worst_hour = 1;
  int count = 0;
  for (const ForecastScore& each : scores) {
    if (each.horizon_s != horizon_s || each.origins == 0 || !(each.wql > 0)) continue;
    ++count;
    naive += std::log(each.wql / each.wql_naive);
    persistence += std::log(each.wql / each.wql_persistence);
    worst = std::max(worst, each.wql / each.wql_naive);
    coverage_error = std::max(coverage_error, std::abs(each.cover95() - 0.95));
    worst_hour = std::min(worst_hour, each.worst_hour_cover95);
  }
  if (count == 0) return "";
  char line[160];
  std::snprintf(line, sizeof line, "%7lld s %12.3f %12.3f %14.3f %14.2f %14.3f\n",
                static_cast<long long>(horizon_s), std::exp(naive / count), worst,
                std::exp(persistence / count), 100 * coverage_error, worst_hour);
  return line;
}

}  // namespace

std::string bench_json(const BenchResult& result) {
  std::string text = "[";
  const auto add = [&text](const nlohmann::ordered_json& row) {
    text += (text.size() > 1 ? ",\n " : "") + row.dump();
  };
  for (const BenchRow& row : result.rows) add(json_of(row));
  for (const ForecastScore& score : result.forecasts) add(json_of(score));
  return text + "]\n";
}

std::string bench_table(const BenchResult& result) {
  std::string text = policies_table(result.rows);
  char line[160];
  std::snprintf(line, sizeof line, "\n%9s %12s %12s %14s %14s %14s\n", "horizon", "wql/naive",
                "worst trace", "wql/persist.", "P95 error, pts", "worst hour P95");
  text += line;
  for (const int64_t steps : kScoredHorizons) text += forecast_line(result.forecasts, steps * 60);
  return text;
}

}  // namespace autoscaler
