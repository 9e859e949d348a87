#pragma once

#include "controller/backtest/bench.h"

#include <string>
#include <vector>

namespace autoscaler {

// predict-V beside the rivals by the rule of fleet.h, the budgets, and what a wrong belief of an
// instance's capacity does to them. `judges`: with what each must be, and whether it is.
std::string comparison_tables(const std::vector<BenchRow>& rows, bool judges);
// The forecasts of all traces.
std::string forecast_table(const BenchResult& result, bool judges);

}  // namespace autoscaler
