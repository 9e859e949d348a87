#include "metrics/prometheus_reading.h"

#include "base/check.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>

namespace autoscaler {
namespace {

using Type = PrometheusReply::Type;

double combine(OverSeries how, std::vector<double> values) {
  CHECK(!values.empty());
  switch (how) {
    case OverSeries::kMax: return *std::max_element(values.begin(), values.end());
    case OverSeries::kMin: return *std::min_element(values.begin(), values.end());
    case OverSeries::kSum: return std::accumulate(values.begin(), values.end(), 0.0);
    case OverSeries::kMean:
      return std::accumulate(values.begin(), values.end(), 0.0) /
             static_cast<double>(values.size());
    case OverSeries::kMedian: {
      std::sort(values.begin(), values.end());
      const size_t half = values.size() / 2;
      return values.size() % 2 == 1 ? values[half] : values[half - 1] / 2 + values[half] / 2;
    }
  }
  CHECK(false);
}

// nullopt: it is all that was asked for.
std::optional<Missing> doubt_of(const PrometheusReply& reply, bool accept_partial) {
  if (reply.warnings.empty() || accept_partial) return std::nullopt;
  return Missing{
      MissingReason::kSourceError,
      "the answer may be partial (acceptPartial: true takes it): " + reply.warnings.front()};
}

std::string ambiguous(const PrometheusReply& reply) {
  return std::to_string(reply.series.size()) + " series, such as " + reply.series[0].labels +
         " and " + reply.series[1].labels +
         ": aggregate them in the query, or write aggregate: sum, max, min, mean or median";
}

}  // namespace

Reading reading_of(const PrometheusRead& read, const PrometheusReply& reply, Instant asked,
                   bool accept_partial) {
  if (reply.type == Type::kMatrix) {
    return Missing{MissingReason::kMalformed,
                   "the query gives a range, not a number: take a rate or an average of it"};
  }
  if (auto doubt = doubt_of(reply, accept_partial)) return *std::move(doubt);
  if (reply.type == Type::kString) {
    return Missing{MissingReason::kMalformed, "the query gives a text, not a number"};
  }
  if (reply.series.size() > 1 && !read.over_series) {
    return Missing{MissingReason::kAmbiguous, ambiguous(reply)};
  }
  if (reply.series.empty()) {
    if (read.when_empty) return Measured{*read.when_empty, asked, Duration{0}};
    return Missing{MissingReason::kNoSeries, "the answer is empty"};
  }
  std::vector<double> values;
  Instant oldest = asked;
  for (const PrometheusSeries& series : reply.series) {
    const PrometheusPoint& point = series.points.front();
    if (!std::isfinite(point.value)) {
      return Missing{MissingReason::kNotFinite,
                     "the value of " + series.labels + " is " + std::to_string(point.value)};
    }
    values.push_back(point.value);
    oldest = std::min(oldest, point.at);
  }
  const double value = combine(read.over_series.value_or(OverSeries::kSum), std::move(values));
  if (!std::isfinite(value)) {
    return Missing{MissingReason::kNotFinite,
                   "the series together are more than a number can hold"};
  }
  return Measured{value, oldest, Duration{0}};
}

Result<std::vector<HistoryPoint>> points_of(const PrometheusRead& read,
                                            const PrometheusReply& reply, bool accept_partial) {
  if (const auto doubt = doubt_of(reply, accept_partial)) {
    return Error{Code::kUnavailable, doubt->detail};
  }
  if (reply.type != Type::kMatrix) return Error{Code::kInvalid, "the answer is no range"};
  std::map<Instant, std::vector<double>> steps;
  for (const PrometheusSeries& series : reply.series) {
    for (const PrometheusPoint& point : series.points) steps[point.at].push_back(point.value);
  }
  std::vector<HistoryPoint> points;
  bool any_ambiguous = false;
  for (auto& [at, values] : steps) {
    const bool is_ambiguous = values.size() > 1 && !read.over_series;
    any_ambiguous = any_ambiguous || is_ambiguous;
    const bool finite = std::ranges::all_of(values, [](double v) { return std::isfinite(v); });
    if (is_ambiguous || !finite) continue;
    const double value = combine(read.over_series.value_or(OverSeries::kSum), std::move(values));
    if (std::isfinite(value)) points.push_back({at, value});
  }
  if (points.empty() && any_ambiguous) return Error{Code::kInvalid, ambiguous(reply)};
  return points;
}

}  // namespace autoscaler
