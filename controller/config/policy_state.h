#pragma once

#include "controller/config/config.h"

#include <string>
#include <vector>

namespace autoscaler {

// How one ScalingPolicy stands to what runs: what its status says beside the decisions of its
// workload. Wiring::publish gets all of them, by namespace and name, at the start and whenever one
// has changed.
struct PolicyState {
  enum class Standing {
    kRuns,         // as it stands
    kInvalid,      // its spec has problems
    kTargetTaken,  // the config file or an older ScalingPolicy sizes its target
    kTooMany,      // as many as may run are older
  };

  PolicyObject object;   // with the generation that was read
  std::string workload;  // its name in decisions, journal and metrics
  Standing standing = Standing::kRuns;
  std::vector<ConfigProblem> problems;  // with the path from `spec` on; empty where it runs
  bool last_good_runs = false;          // where it does not: an earlier spec of it, which was good
};
using PolicyStates = std::vector<PolicyState>;

}  // namespace autoscaler
