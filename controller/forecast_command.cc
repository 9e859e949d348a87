#include "controller/forecast_command.h"

#include "controller/backtest/forecast_report.h"
#include "controller/backtest/forecast_score.h"
#include "controller/backtest/trace.h"
#include "controller/backtest_inputs.h"
#include "controller/commands.h"
#include "controller/config/config.h"
#include "controller/recorded_load.h"

#include <algorithm>
#include <cstdio>

namespace autoscaler {
namespace {

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

Result<Trace> load_of(const ForecastOptions& options) {
  if (options.file) return read_trace(*options.file);
  const auto recorded = options.query ? recorded_at(*options.prometheus, *options.query)
                                      : recorded_of(*options.config, *options.signal);
  if (!recorded) return recorded.error();
  return load_from(*recorded, options.span);
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
  for (const std::string& note : trace->notes) std::fprintf(stderr, "%s\n", note.c_str());
  const Minutes minutes = minutes_of(*trace);
  std::vector<int64_t> holidays;
  for (const Instant day : options.holidays) {
    holidays.push_back(std::chrono::floor<std::chrono::days>(day).time_since_epoch().count());
  }
  std::sort(holidays.begin(), holidays.end());
  const auto scores =
      score_forecasts(trace->name, minutes, Calendar{holidays}, !options.report.empty());
  if (scores.empty()) {
    std::fprintf(stderr,
                 "%s: too short, or without load: half of it, or a week, is learned before "
                 "forecasts are scored\n",
                 trace->name.c_str());
    return kExitInvalid;
  }
  if (!options.report.empty()) {
    const Status written = write_file(options.report, forecast_html(scores));
    if (!written) {
      std::fprintf(stderr, "%s\n", written.error().message.c_str());
      return kExitFailed;
    }
  }
  std::fputs(options.json ? forecast_json(scores).c_str() : forecast_text(scores).c_str(), stdout);
  return kExitDone;
}

}  // namespace autoscaler
