#pragma once

#include "base/result.h"
#include "controller/backtest/bench.h"

#include <string>
#include <string_view>

namespace autoscaler {

// A JSON array with one row a line: the policies', then the forecasts'.
std::string bench_json(const BenchResult& result);

// The rows of such an array. kInvalid names the row and what is wrong with it.
Result<BenchResult> parse_bench_json(std::string_view json);

}  // namespace autoscaler
