#pragma once

#include "controller/backtest/bench.h"

#include <string>
#include <vector>

namespace autoscaler {

// A JSON array with one row a line.
std::string bench_json(const BenchResult& result);

// For each lead a table of the means over the traces; for each horizon the forecasts' geometric
// means.
std::string bench_table(const BenchResult& result);

}  // namespace autoscaler
