#include "controller/forecast_command.h"

#include "controller/backtest/forecast_report.h"
#include "controller/backtest/forecast_score.h"
#include "controller/backtest/trace.h"
#include "controller/commands.h"
#include "controller/config/sections.h"
#include "controller/snapshot/snapshot.h"
#include "controller/system_clock.h"
#include "metrics/prometheus_history.h"

#include <algorithm>
#include <cstdio>

namespace autoscaler {
namespace {

using std::chrono::minutes;

constexpr Duration kStep = minutes(1);  // what forecasts are made of

// Where a load is asked for.
struct Recorded {
  std::string name;
  std::vector<PrometheusServer> servers;
  SignalQuery query;
};

Result<Recorded> recorded_at(const std::string& url, const std::string& query) {
  if (const Status sound = check_url(url, {"http://", "https://"}); !sound) {
    return Error{Code::kInvalid, "--prometheus " + url + ": " + sound.error().message};
  }
  PrometheusServer server;
  server.url = url.substr(0, url.find_last_not_of('/') + 1);
  server.timeout = minutes(1);
  return Recorded{query, {server}, {PrometheusRead{.server = server.name, .query = query}}};
}

Result<Recorded> recorded_of(const std::string& file, const std::string& name) {
  const ConfigResult read = load_config(file);
  if (!read.config) return Error{Code::kInvalid, describe(read.problems.front())};
  std::string known;
  for (const WorkloadConfig& workload : read.config->workloads) {
    for (size_t i = 0; i < workload.queries.size(); ++i) {
      const std::string each = workload.spec.name + "/" + workload.spec.signals[i].name;
      if (each == name) return Recorded{name, read.config->prometheus, workload.queries[i]};
      known += (known.empty() ? "" : ", ") + each;
    }
  }
  return Error{Code::kInvalid, "--signal " + name + ": " + file + " has " + known};
}

Result<Trace> ask(const Recorded& recorded, Duration span) {
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

Result<Trace> load_of(const ForecastOptions& options) {
  if (options.file) return read_trace(*options.file);
  const auto recorded = options.query ? recorded_at(*options.prometheus, *options.query)
                                      : recorded_of(*options.config, *options.signal);
  if (!recorded) return recorded.error();
  return ask(*recorded, options.span);
}

}  // namespace

int forecast_command(const ForecastOptions& options) {
  if (options.file.has_value() + options.query.has_value() + options.signal.has_value() != 1) {
    std::fputs("give a file, or --prometheus and --query, or --config and --signal\n", stderr);
    return kExitInvalid;
  }
  const auto trace = load_of(options);
  if (!trace) {
    std::fprintf(stderr, "%s\n", trace.error().message.c_str());
    return trace.error().code == Code::kUnavailable ? kExitFailed : kExitInvalid;
  }
  const Minutes minutes = minutes_of(*trace);
  std::vector<int64_t> holidays;
  for (const Instant day : options.holidays) {
    holidays.push_back(std::chrono::floor<std::chrono::days>(day).time_since_epoch().count());
  }
  std::sort(holidays.begin(), holidays.end());
  const auto scores = score_forecasts(trace->name, minutes, Calendar{holidays});
  if (scores.front().origins == 0) {
    std::fprintf(stderr,
                 "%s: too short: half of it, or a week, is learned before forecasts are scored\n",
                 trace->name.c_str());
    return kExitInvalid;
  }
  std::fputs(options.json ? forecast_json(scores).c_str() : forecast_text(scores).c_str(), stdout);
  return kExitDone;
}

}  // namespace autoscaler
