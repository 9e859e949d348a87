#pragma once

#include "policies/time.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace autoscaler {

struct BacktestOptions {
  std::string config;
  std::optional<std::string> workload;  // needed where the config has several
  std::string load;                     // CSV: timestamp,value in requests per second
  std::string synthetic;                // or a load that is made up (synthetic.h)
  std::string journal;                  // or the demand that a controller recorded
  double scale = 1;                     // of the load
  std::optional<std::string> service;   // YAML (service_model.h)
  std::vector<std::string> numbers;     // "queue=5": signals that the service does not have
  std::vector<std::string> sweeps;      // "policies[0].track.target=50%,60%"
  std::optional<std::string> against;   // another config
  std::string report;                   // HTML file; empty: none
  bool only_mine = false;               // without the rivals
  bool json = false;
};
// What the config would have done under recorded load, beside others' ways to size the service.
int backtest_command(const BacktestOptions& options);

}  // namespace autoscaler
