#pragma once

#include "base/result.h"
#include "controller/change.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace autoscaler {

// One instance as the cluster shows it. Only ours: what we cannot prove to be ours is not listed.
struct InstanceObservation {
  WorkloadId workload;
  InstanceId instance;
  std::string address;              // host:port, where it serves
  Instant started;                  // when it came to exist
  bool running = true;              // false: it exited and has not been terminated yet
  std::optional<std::string> exit;  // "exit code 3", "signal 9": where known
  std::optional<bool> healthy;      // nullopt: never answered a health check yet
  bool terminating = false;         // asked to stop, still there
  bool outdated = false;            // runs another command than the config names
};

struct ClusterObservation {
  std::vector<InstanceObservation> instances;  // ordered by workload and id
  // Workloads of which not everything could be seen: nothing may be concluded about them.
  std::vector<std::pair<WorkloadId, Error>> unreadable;
};

// The read half of a cluster. `observe` lists every instance of ours; an Error is one of the whole
// cluster.
class ClusterReader {
 public:
  virtual ~ClusterReader() = default;
  virtual Result<ClusterObservation> observe(Instant now) = 0;
};

// The write half: Launch and Terminate, batches in, results out in the same order. Returns when the
// operations are begun, not when they are finished: what they did is the next observation.
class ClusterWriter {
 public:
  virtual ~ClusterWriter() = default;
  virtual std::vector<ChangeResult> apply(std::span<const Change> changes, Instant now) = 0;
};

}  // namespace autoscaler
