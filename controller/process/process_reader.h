#pragma once

#include "base/fetch.h"
#include "controller/cluster.h"
#include "controller/config/config.h"

#include <map>
#include <set>
#include <string>

namespace autoscaler {

// Reads the instances on this host: their files, /proc, and each one's health path. It writes
// nothing, signals nothing and reaps nothing: dry-run has this and no writer.
class ProcessReader : public ClusterReader {
 public:
  // `state_directory` is the folder of the journal; the same one must be given to the writer.
  ProcessReader(const Config& config, const std::string& state_directory);

  // Only instances of configured workloads are listed: one whose workload has left the config keeps
  // running, with its file, until the workload is back or somebody stops it.
  //  - running is false for a zombie, for a process that is gone, and where a foreign process has
  //    the pid now; `exit` says which. It stays listed until Terminate.
  //  - healthy is 200-299 on the health path within the health timeout; nullopt until this object
  //    had a first answer of any status (so also after a restart of the controller).
  // Takes as long as the slowest health check, at most the longest health timeout.
  // Unreadable: the workload of a damaged instance file, or of a process that cannot be examined.
  // Errors: kDenied, of the whole folder.
  Result<ClusterObservation> observe(Instant now) override;

 private:
  void check_health(std::vector<InstanceObservation>& instances);

  std::map<WorkloadId, ProcessTarget> targets_;
  std::string state_;
  Fetcher fetcher_;
  std::set<InstanceId> answered_;
};

}  // namespace autoscaler
