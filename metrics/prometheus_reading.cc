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

// Why the answer as a whole cannot be used; nullopt: it can, if it holds a number.
std::optional<Missing> fault_of(const PrometheusRead& read, const PrometheusReply& reply,
                                bool accept_partial) {
  if (!reply.warnings.empty() && !accept_partial) {
    return Missing{
        MissingReason::kSourceError,
        "the answer may be partial (acceptPartial: true takes it): " + reply.warnings.front()};
  }
  if (reply.type == Type::kString) {
    return Missing{MissingReason::kMalformed, "the query gives a text, not a number"};
  }
  if (reply.series.size() > 1 && !read.over_series) {
    return Missing{MissingReason::kAmbiguous,
                   std::to_string(reply.series.size()) + " series, such as " +
                       reply.series[0].labels + " and " + reply.series[1].labels +
                       ": aggregate them in the query, or write aggregate: sum, max, min, mean "
                       "or median"};
  }
  return std::nullopt;
}

}  // namespace

Reading reading_of(const PrometheusRead& read, const PrometheusReply& reply, Instant asked,
                   bool accept_partial) {
  if (reply.type == Type::kMatrix) {
    return Missing{MissingReason::kMalformed,
                   "the query gives a range, not a number: take a rate or an average of it"};
  }
  if (auto fault = fault_of(read, reply, accept_partial)) return *std::move(fault);
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
  return Measured{value, oldest, Duration{0}};
}

Result<std::vector<PrometheusPoint>> points_of(const PrometheusRead& read,
                                               const PrometheusReply& reply, bool accept_partial) {
  if (const auto fault = fault_of(read, reply, accept_partial)) {
    return Error{Code::kInvalid, fault->detail};
  }
  if (reply.type != Type::kMatrix) return Error{Code::kInvalid, "the answer is no range"};
  std::map<Instant, std::vector<double>> steps;
  for (const PrometheusSeries& series : reply.series) {
    for (const PrometheusPoint& point : series.points) {
      if (std::isfinite(point.value)) steps[point.at].push_back(point.value);
    }
  }
  std::vector<PrometheusPoint> points;
  for (auto& [at, values] : steps) {
    // A sum without one of its parts is no sum.
    if (values.size() != reply.series.size()) continue;
    points.push_back({at, combine(read.over_series.value_or(OverSeries::kSum), std::move(values))});
  }
  return points;
}

}  // namespace autoscaler
