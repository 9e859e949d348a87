#include "controller/backtest/forecast_report.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace autoscaler {
namespace {

std::string quantile_name(double quantile) {
  char name[16];
  std::snprintf(name, sizeof name, "P%g", 100 * quantile);
  return name;
}

template <typename... Arguments>
void add(std::string& text, const char* format, Arguments... arguments) {
  char line[200];
  std::snprintf(line, sizeof line, format, arguments...);
  text += line;
}

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

std::string losses(const std::vector<ForecastScore>& scores) {
  std::string text;
  add(text, "%9s %9s %9s %14s %14s\n", "horizon", "forecasts", "loss", "over yesterday",
      "over the last");
  for (const ForecastScore& each : scores) {
    add(text, "%5lld min %9lld %9.4f %14.3f %14.3f\n", static_cast<long long>(each.horizon_s / 60),
        static_cast<long long>(each.origins), each.wql, ratio(each.wql, each.wql_naive),
        ratio(each.wql, each.wql_persistence));
  }
  return text;
}

std::string coverages(const std::vector<ForecastScore>& scores) {
  std::string text;
  add(text, "%9s", "covered");
  for (const double quantile : kQuantiles) add(text, " %7s", quantile_name(quantile).c_str());
  text += '\n';
  for (const ForecastScore& each : scores) {
    add(text, "%5lld min", static_cast<long long>(each.horizon_s / 60));
    for (const double covered : each.coverage) add(text, " %6.2f%%", 100 * covered);
    text += '\n';
  }
  return text;
}

// From 85 % on, a mark for each half percent: 20 are the 95 % that are promised.
std::string hours(const ForecastScore& score) {
  std::string text;
  add(text, "P95 at %lld min by the hour (UTC), | is 95%%\n",
      static_cast<long long>(score.horizon_s / 60));
  for (size_t hour = 0; hour < 24; ++hour) {
    const double covered = score.cover95_by_hour[hour];
    const auto marks =
        static_cast<size_t>(std::clamp(std::lround((covered - 0.85) * 200), 0L, 30L));
    std::string bar(marks, '#');
    bar.resize(31, ' ');
    bar.insert(20, "|");
    add(text, "%02zu %s %6.2f%%\n", hour, bar.c_str(), 100 * covered);
  }
  return text;
}

}  // namespace

nlohmann::ordered_json score_json(const ForecastScore& score) {
  nlohmann::ordered_json row;
  row["trace"] = score.trace;
  row["horizon_s"] = score.horizon_s;
  row["origins"] = score.origins;
  row["wql"] = score.wql;
  row["wql_naive"] = score.wql_naive;
  row["wql_persistence"] = score.wql_persistence;
  row["cover95"] = score.cover95();
  row["worst_hour_cover95"] = score.worst_hour_cover95;
  for (size_t i = 0; i < kQuantileCount; ++i) {
    row["coverage"][quantile_name(kQuantiles[i])] = score.coverage[i];
  }
  row["cover95_by_hour"] = score.cover95_by_hour;
  return row;
}

std::string forecast_json(const std::vector<ForecastScore>& scores) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const ForecastScore& each : scores) rows.push_back(score_json(each));
  return rows.dump(2) + "\n";
}

std::string forecast_text(const std::vector<ForecastScore>& scores) {
  std::string text = losses(scores) + "\n" + coverages(scores);
  for (const ForecastScore& each : scores) {
    if (each.horizon_s == 360) text += "\n" + hours(each);
  }
  return text;
}

}  // namespace autoscaler
