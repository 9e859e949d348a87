#include "controller/forecast_command.h"

#include "controller/backtest/forecast_report.h"
#include "controller/backtest/forecast_score.h"
#include "controller/backtest/trace.h"
#include "controller/commands.h"

#include <algorithm>
#include <cstdio>

namespace autoscaler {

int forecast_command(const ForecastOptions& options) {
  const auto trace = read_trace(options.file);
  if (!trace) {
    std::fprintf(stderr, "%s\n", trace.error().message.c_str());
    return kExitInvalid;
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
                 options.file.c_str());
    return kExitInvalid;
  }
  std::fputs(options.json ? forecast_json(scores).c_str() : forecast_text(scores).c_str(), stdout);
  return kExitDone;
}

}  // namespace autoscaler
