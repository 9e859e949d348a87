#include "controller/recorded_load.h"

#include "controller/config/sections.h"
#include "controller/snapshot/snapshot.h"
#include "controller/system_clock.h"
#include "metrics/prometheus_history.h"

namespace autoscaler {
namespace {

using std::chrono::minutes;

constexpr Duration kStep = minutes(1);  // what forecasts are made of

}  // namespace

Result<Recorded> recorded_at(const std::string& url, const std::string& query) {
  if (const Status sound = check_url(url, {"http://", "https://"}); !sound) {
    return Error{Code::kInvalid, "--prometheus " + url + ": " + sound.error().message};
  }
  PrometheusServer server;
  server.url = url.substr(0, url.find_last_not_of('/') + 1);
  server.timeout = minutes(1);
  return Recorded{query, {server}, {PrometheusRead{.server = server.name, .query = query}}};
}

Result<Trace> load_from(const Recorded& recorded, Duration span) {
  SystemClock clock;
  const Instant to = std::chrono::floor<minutes>(clock.now());
  PrometheusHistory past(
      recorded.servers, [&clock] { return clock.now(); }, 0);
  const auto points = past.history(recorded.query, to - span, to, kStep, {});
  if (!points) return points.error();
  Trace trace{.name = recorded.name, .rows = {}};
  for (const HistoryPoint& point : *points) {
    const int64_t at_s =
        std::chrono::floor<std::chrono::seconds>(point.at.time_since_epoch()).count();
    if (point.value < 0) {
      return Error{Code::kInvalid, recorded.name + ": it is below 0 at " +
                                       format_instant(point.at) + ", so it is no load"};
    }
    trace.rows.push_back({at_s, point.value});
  }
  if (trace.rows.size() < 2) {
    return Error{Code::kInvalid, recorded.name + ": the server knows nothing of it within --past"};
  }
  return trace;
}

}  // namespace autoscaler
