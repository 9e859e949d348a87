#include "controller/backtest/backtest_report.h"
#include "controller/backtest/page.h"
#include "controller/snapshot/snapshot.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

using nlohmann::ordered_json;

double seconds_of(Instant at) {
  return std::chrono::duration<double>(at.time_since_epoch()).count();
}

template <typename Take>
ordered_json column(const std::vector<Moment>& points, Take take) {
  ordered_json numbers = ordered_json::array();
  for (const Moment& point : points) numbers.push_back(take(point));
  return numbers;
}

ordered_json curves(const Rehearsal& run, const std::vector<Moment>& points,
                    double instance_carries, bool all) {
  ordered_json json{{"name", run.name}};
  json["size"] = column(points, [](const Moment& m) { return m.size; });
  if (!all) return json;
  json["demand"] = column(points, [](const Moment& m) { return to_digits(m.demand); });
  json["capacity"] =
      column(points, [=](const Moment& m) { return to_digits(m.serving * instance_carries); });
  const auto expected = [&](double std::pair<double, double>::*which) {
    return column(points, [which](const Moment& m) {
      return m.expected ? ordered_json(to_digits((*m.expected).*which)) : ordered_json();
    });
  };
  if (std::any_of(points.begin(), points.end(), [](const Moment& m) { return !!m.expected; })) {
    json["expected"] = expected(&std::pair<double, double>::first);
    json["expected95"] = expected(&std::pair<double, double>::second);
  }
  json["needed"] = column(points, [](const Moment& m) { return m.needed; });
  json["starting"] = column(points, [](const Moment& m) { return m.starting; });
  json["leaving"] = column(points, [](const Moment& m) { return m.leaving; });
  json["p95"] = column(points, [](const Moment& m) { return to_digits(m.p95_seconds); });
  json["violating"] = column(points, [](const Moment& m) { return m.violating ? 1 : 0; });
  json["decisions"] = ordered_json::array();
  for (const ToldDecision& told : run.decisions) {
    json["decisions"].push_back({{"at", seconds_of(told.at)},
                                 {"from", told.from},
                                 {"to", told.to},
                                 {"reason", reason_name(told.reason)},
                                 {"lines", told.lines}});
  }
  return json;
}

double bucket_seconds(const std::vector<Moment>& points) {
  return points.size() < 2 ? 0 : seconds_of(points[1].at) - seconds_of(points[0].at);
}

}  // namespace

std::string backtest_html(const Backtest& backtest) {
  ordered_json data = ordered_json::parse(backtest_json(backtest));
  data["summary"] = std::move(data["policies"]);
  data["policies"] = ordered_json::array();
  data["scoredFromSeconds"] = seconds_of(backtest.scored_from);
  for (const Rehearsal& run : backtest.runs) {
    const std::vector<Moment>& points = run.moments;
    const bool first = &run == &backtest.runs.front();
    if (first) {  // all are drawn on the same times
      data["bucketSeconds"] = bucket_seconds(points);
      data["t"] = column(points, [](const Moment& m) { return seconds_of(m.at); });
    }
    data["policies"].push_back(curves(run, points, backtest.instance_carries, first));
  }
  return page_with(kReportPage, data);
}

}  // namespace autoscaler
