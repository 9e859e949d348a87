#pragma once

#include "controller/backtest/rehearsal.h"

#include <string>
#include <vector>

namespace autoscaler {

// What the same workload would cost with another error budget.
struct PricedBudget {
  double budget = 0;  // share of the time
  Elasticity score;
};

// A whole backtest: the user's config first, then others, then the oracle.
struct Backtest {
  std::string workload;
  std::string load;
  Instant scored_from;
  Duration scored{0};
  Duration promise{0};
  double instance_carries = 0;  // requests per second within the promise
  double price = 0;             // of an instance-hour
  std::vector<Rehearsal> runs;
  std::vector<PricedBudget> budgets;  // the largest first; empty: not asked for
  bool compares_two = false;          // the first two runs: where they decide differently
};

// Which of the runs no other beats in both cost and violations.
std::vector<bool> pareto_front(const std::vector<Rehearsal>& runs);

std::string backtest_text(const Backtest& backtest);
std::string backtest_json(const Backtest& backtest);

// One page with all its data and no other file: it opens without a network.
std::string backtest_html(const Backtest& backtest);

}  // namespace autoscaler
