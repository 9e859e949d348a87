#pragma once

#include "policies/time.h"

#include <string>
#include <vector>

namespace autoscaler {

// A ScalingPolicy that does not run as it stands.
struct RefusedPolicy {
  std::string workload;               // "shop/checkout"
  std::vector<std::string> problems;  // with the path from `spec` on
  bool last_good_runs = false;        // an earlier spec of it does
};

// How the config file, and the objects beside it, stand to the config that runs.
struct ConfigStatus {
  std::string file;
  Instant taken_up;  // the config that runs was
  Instant read;      // the file last had another content, or could last not be read, then
  std::vector<std::string> problems;     // why the file as it stands is not what runs; empty: it is
  std::vector<RefusedPolicy> refused{};  // by name
};

}  // namespace autoscaler
