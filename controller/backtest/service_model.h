#pragma once

#include "controller/config/config.h"
#include "controller/sim/release.h"

#include <string>
#include <string_view>
#include <vector>

namespace autoscaler {

// What a backtest assumes of the service, its metrics and its cluster. All of it is the user's to
// say; docs/backtest.md has each with its default.
struct ServiceModel {
  Release release;
  bool one_by_one = false;                           // requests are no fluid: for few instances
  double retries = 0;                                // share of the failed requests that come again
  Duration promise{std::chrono::milliseconds(300)};  // p95, where the workload has no `slo`
  bool promise_given = false;

  Duration metric_delay{std::chrono::seconds(15)};
  double lost = 0;          // share of the samples
  double cpu_noise = 0.03;  // standard deviation, of the reading
  // Times from the beginning of the load on.
  struct Span {
    Duration after{0};
    Duration lasts{0};
  };
  std::vector<Span> outages;      // nothing can be read
  std::vector<Duration> deploys;  // all instances are replaced, new before old
  double price = 0;               // of an instance-hour, in any money; 0: not reckoned
  uint64_t seed = 1;
};

struct ServiceModelResult {
  ServiceModel model;
  std::vector<ConfigProblem> problems;  // the model is good where there are none
};
// Reads YAML; `text` may be empty: all defaults.
ServiceModelResult parse_service_model(std::string_view text, const std::string& file_name);

}  // namespace autoscaler
