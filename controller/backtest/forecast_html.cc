#include "controller/backtest/forecast_report.h"
#include "controller/backtest/page.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace autoscaler {
namespace {

using nlohmann::ordered_json;

// {t, truth, p50, p95}: some minutes as one point, the most of each, so that no peak is lost.
void put_lines(const std::vector<ForecastScore::Held>& held, ordered_json& json) {
  for (const char* name : {"t", "truth", "p50", "p95"}) json[name] = ordered_json::array();
  const size_t each = points_in_one(held.size());
  for (size_t begin = 0; begin < held.size(); begin += each) {
    ForecastScore::Held point = held[begin];
    for (size_t i = begin; i < std::min(begin + each, held.size()); ++i) {
      point.truth = std::max(point.truth, held[i].truth);
      point.p50 = std::max(point.p50, held[i].p50);
      point.p95 = std::max(point.p95, held[i].p95);
    }
    json["t"].push_back(60 * point.minute);
    json["truth"].push_back(to_digits(point.truth));
    json["p50"].push_back(to_digits(point.p50));
    json["p95"].push_back(to_digits(point.p95));
  }
}

}  // namespace

std::string forecast_html(const std::vector<ForecastScore>& scores) {
  ordered_json data;
  data["scoredFromSeconds"] = 60 * scores.front().held.front().minute;
  for (const ForecastScore& score : scores) {
    put_lines(score.held, data["horizons"].emplace_back(score_json(score)));
  }
  return page_with(kForecastPage, data);
}

}  // namespace autoscaler
