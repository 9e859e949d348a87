#pragma once

#include "policies/time.h"

#include <string>
#include <vector>

namespace autoscaler {

struct ForecastOptions {
  std::string file;               // CSV: timestamp,value
  std::vector<Instant> holidays;  // days that are like Sundays, UTC
  bool json = false;
};
// How well the load of a trace can be forecast: rolling origins, the first week only learned.
int forecast_command(const ForecastOptions& options);

}  // namespace autoscaler
