#pragma once

#include "controller/backtest/sweep.h"

namespace autoscaler {

// The config under other error budgets, for the price of each: 5, 2, 1, 0.5, 0.2 and 0.1 % of the
// time. kInvalid, with the remedy: it holds none, because it has no `slo`, or no `predict` that
// acts and finds its own price.
struct BudgetVariant {
  double budget = 0;  // share of the time
  std::shared_ptr<const Config> config;
};
Result<std::vector<BudgetVariant>> budget_variants_of(const std::string& yaml,
                                                      const std::string& file,
                                                      const std::string& workload);

}  // namespace autoscaler
