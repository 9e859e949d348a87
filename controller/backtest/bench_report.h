#pragma once

#include "controller/backtest/bench.h"

#include <string>

namespace autoscaler {

// What the bench found, in markdown: the fleet, its policies compared by the rule of fleet.h, the
// forecasts, and each trace. `judges`: beside each comparison stands what it must be, and whether
// it is.
std::string bench_report(const BenchResult& result, bool judges);

}  // namespace autoscaler
