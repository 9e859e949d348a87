#pragma once

#include "policies/time.h"

#include <optional>
#include <string>
#include <vector>

namespace autoscaler {

// The load is one of: a file; a query and the server that answers it; a signal of a config.
struct ForecastOptions {
  std::optional<std::string> file;        // CSV: timestamp,value
  std::optional<std::string> prometheus;  // http://prometheus:9090
  std::optional<std::string> query;
  std::optional<std::string> config;
  std::optional<std::string> signal;     // WORKLOAD/SIGNAL
  Duration span{std::chrono::days(14)};  // of what is asked of a server, up to now
  std::vector<Instant> holidays;         // days that are like Sundays, UTC
  std::string report;                    // HTML file; empty: none
  bool json = false;
};
// How well a recorded load can be forecast: rolling origins, the first week only learned.
int forecast_command(const ForecastOptions& options);

}  // namespace autoscaler
