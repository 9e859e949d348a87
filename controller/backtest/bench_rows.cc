#include "controller/backtest/bench_rows.h"

#include <nlohmann/json.hpp>

namespace autoscaler {
namespace {

using nlohmann::ordered_json;

ordered_json json_of(const BenchRow& row) {
  ordered_json json;
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

ordered_json json_of(const ForecastScore& score) {
  ordered_json json;
  json["trace"] = score.trace;
  json["horizon_s"] = score.horizon_s;
  json["wql"] = score.wql;
  json["wql_naive"] = score.wql_naive;
  json["wql_persistence"] = score.wql_persistence;
  json["cover95"] = score.cover95();
  json["worst_hour_cover95"] = score.worst_hour_cover95;
  return json;
}

double number(const ordered_json& json, const char* key) {
  return json.at(key).get<double>();
}

// Of nothing there is no mean.
bool is_of_something(const BenchRow& row) {
  return row.score.scored_s > 0 && row.oracle_hours > 0;
}
bool is_of_something(const ForecastScore& score) {
  return score.wql > 0 && score.wql_naive > 0 && score.wql_persistence > 0;
}

BenchRow row_of(const ordered_json& json) {
  BenchRow row;
  row.trace = json.at("trace").get<std::string>();
  row.policy = json.at("policy").get<std::string>();
  row.lead_s = json.at("lead_s").get<int64_t>();
  row.capacity_factor = number(json, "capacity_factor");
  row.score.scored_s = json.at("scored_s").get<int64_t>();
  row.score.instance_hours = number(json, "instance_hours");
  row.oracle_hours = number(json, "oracle_hours");
  row.score.violating_s = json.at("violating_s").get<int64_t>();
  row.score.actions = json.at("actions").get<int64_t>();
  row.score.reversals = json.at("reversals").get<int64_t>();
  return row;
}

ForecastScore score_of(const ordered_json& json) {
  ForecastScore score;
  score.trace = json.at("trace").get<std::string>();
  score.horizon_s = json.at("horizon_s").get<int64_t>();
  score.wql = number(json, "wql");
  score.wql_naive = number(json, "wql_naive");
  score.wql_persistence = number(json, "wql_persistence");
  score.coverage[kP95] = number(json, "cover95");
  score.worst_hour_cover95 = number(json, "worst_hour_cover95");
  return score;
}

}  // namespace

std::string bench_json(const BenchResult& result) {
  std::string text = "[";
  const auto add = [&text](const ordered_json& row) {
    text += (text.size() > 1 ? ",\n " : "") +
            row.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  };
  for (const BenchRow& row : result.rows) add(json_of(row));
  for (const ForecastScore& score : result.forecasts) add(json_of(score));
  return text + "]\n";
}

Result<BenchResult> parse_bench_json(std::string_view json) {
  const ordered_json array = ordered_json::parse(json, nullptr, false);
  if (!array.is_array()) return Error{Code::kInvalid, "is no JSON array of rows"};
  BenchResult result;
  const auto of_nothing = [](size_t i) {
    return Error{Code::kInvalid,
                 "row " + std::to_string(i + 1) + ": nothing was scored; take it out"};
  };
  for (size_t i = 0; i < array.size(); ++i) {
    try {
      if (array[i].contains("horizon_s")) {
        result.forecasts.push_back(score_of(array[i]));
        if (!is_of_something(result.forecasts.back())) return of_nothing(i);
      } else {
        result.rows.push_back(row_of(array[i]));
        if (!is_of_something(result.rows.back())) return of_nothing(i);
      }
    } catch (const nlohmann::json::exception& error) {
      return Error{Code::kInvalid, "row " + std::to_string(i + 1) + ": " + error.what()};
    }
  }
  return result;
}

}  // namespace autoscaler
