#pragma once

#include "base/result.h"
#include "controller/change.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace autoscaler {

// One entry of ours in the balancer. Entries without our prefix are never listed, nor touched.
struct BackendObservation {
  WorkloadId workload;
  InstanceId instance;
  std::string address;
  enum class State { kUp, kDown, kDraining, kMaintenance } state = State::kUp;
  int64_t in_flight = 0;  // sessions on it now
};

struct BalancerObservation {
  std::vector<BackendObservation> backends;  // ordered by workload and id
  // Workloads whose balancer did not answer, with the reason: nothing may be concluded about them.
  std::vector<std::pair<WorkloadId, Error>> unreachable;
};

// The read half of a load balancer.
class BalancerReader {
 public:
  virtual ~BalancerReader() = default;
  virtual BalancerObservation observe(Instant now) = 0;
};

// The write half: Attach, Drain and Detach. Same contract as ClusterWriter.
class BalancerWriter {
 public:
  virtual ~BalancerWriter() = default;
  virtual std::vector<ChangeResult> apply(std::span<const Change> changes, Instant now) = 0;
};

}  // namespace autoscaler
