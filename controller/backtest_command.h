#pragma once

#include "controller/backtest_inputs.h"

#include <optional>
#include <string>
#include <vector>

namespace autoscaler {

struct BacktestOptions {
  std::string config;
  std::optional<std::string> workload;  // needed where the config has several
  LoadOptions load;
  std::vector<std::string> numbers;  // "queue=5": signals that the service does not have
  std::vector<std::string> sweeps;   // "policies[0].track.target=50%,60%"
  std::optional<std::string> other;  // a config, and where it decides differently
  bool prices = false;               // of other error budgets
  std::string report;                // HTML file; empty: none
  bool only_mine = false;            // without the rivals
  bool json = false;
};
// What the config would have done under recorded load, beside others' ways to size the service.
int backtest_command(const BacktestOptions& options);

struct RecommendOptions {
  LoadOptions load;
  std::string workload;   // whose demand the journal has
  double budget = 0.005;  // share of the time that may violate
  bool json = false;
};
// A policy that would have kept to the budget at the least cost, with what supports it.
int recommend_command(const RecommendOptions& options);

}  // namespace autoscaler
