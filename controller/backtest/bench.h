#pragma once

#include "controller/backtest/bench_config.h"
#include "controller/backtest/forecast_score.h"
#include "controller/backtest/world.h"
#include "controller/demand_learning.h"

#include <functional>
#include <string>
#include <vector>

namespace autoscaler {

// One policy on one trace at one lead. Something was scored, and the oracle has paid for it.
struct BenchRow {
  std::string trace;
  std::string policy;
  int64_t lead_s = 0;
  double capacity_factor = 1;  // what the policy believes of an instance, over the truth
  Score score;
  double oracle_hours = 0;
};

struct BenchOptions {
  std::vector<int64_t> leads_s{120, 300, 600};
  bool hard = false;  // in the hard world (hard_world.h), where forecasts are not scored
  size_t threads = 2;
  // Told as traces are finished: how many of how many, and the last one's name.
  std::function<void(size_t, size_t, const std::string&)> progress = [](size_t, size_t,
                                                                        const std::string&) {};
};

struct BenchResult {
  std::vector<BenchRow> rows;
  std::vector<ForecastScore> forecasts;  // of the horizons that could be scored
};

// The names of the traces in it, in the order of their first rows.
std::vector<std::string> traces_of(const BenchResult& result);

// Prices of a violating minute that predict-V is run with.
inline constexpr double kPrices[] = {0.3, 0.37, 0.45, 0.55, 0.65, 0.8, 1,  1.2, 1.4, 1.7, 2, 2.5,
                                     3,   3.7,  4.5,  5.5,  6.5,  8,   10, 13,  17,  22,  30};
inline constexpr double kBudgets[] = {0.01, 0.005, 0.001};
// Beliefs of an instance's capacity, over the truth, that budget-B is run with.
inline constexpr double kCapacityFactors[] = {1, 0.9, 1.1, 1.2};

// What forecasts are worth once they act.
inline constexpr GateRule kRowsGate = GateRule::kAlwaysOpen;

// Ours, by the names of their rows.
struct NamedPolicy {
  std::string name;
  BenchPolicy policy;
};
std::vector<NamedPolicy> bench_policies();

// Every policy with one setting on every demand. The rows come in the order of the demands, whoever
// was finished first.
BenchResult run_bench(const std::vector<Demand>& demands, const BenchOptions& options);

// All on one demand.
BenchResult bench_demand(const Demand& demand, const BenchOptions& options);

}  // namespace autoscaler
