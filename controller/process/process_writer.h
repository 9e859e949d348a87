#pragma once

#include "controller/cluster.h"
#include "controller/config/config.h"
#include "controller/process/command_template.h"
#include "controller/process/instance_file.h"
#include "controller/process/ownership.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace autoscaler {

// Starts and stops instances on this host: every fork, signal and file written for them is here, or
// in what only this includes (held_child, durable_file).
//
// Launch: port, log file, a held child, its file on disk, and only then its command. Whatever step
// the controller dies at, there is no process of ours without a file: the held child exits by
// itself. An instance id that has a file has been launched, and is not launched again, whether it
// still runs or not: what became of it is the next observation.
//
// Terminate, to be asked for in each tick until the instance is no longer observed: SIGTERM once,
// to the command alone, so that it can stop its own children in its own order; after the grace
// SIGKILL to the command and to everything it started (found by the markers in the environment).
// When the command is gone, what it left behind is killed, then the file is removed. The grace runs
// by `now` from the first SIGTERM, which the file remembers over a restart; killed between the
// signal and that record, the controller sends SIGTERM a second time.
//
// A signal is only ever sent through a pidfd, opened before file, start time and markers are seen
// to agree: a pid that is another process's by now cannot be hit.
class ProcessWriter : public ClusterWriter {
 public:
  ProcessWriter(const Config& config, const std::string& state_directory);

  // Launch and Terminate. A launch returns when its command runs; errors name the workload.
  std::vector<ChangeResult> apply(std::span<const Change> changes, Instant now) override;

 private:
  Status launch(const Launch& change, Instant now);
  Result<uint16_t> choose_port(const WorkloadId& workload, const ProcessTarget& target);
  Status start_command(const ProcessTarget& target, const InstanceIdentity& identity, Instant now);

  Status terminate(const Terminate& change, Instant now);
  Status ask_to_stop(InstanceFile& file, Instant now);
  Status stop_by_force(const InstanceFile& file);
  Result<bool> signal_command(const InstanceFile& file, int signal);
  Status bury(const InstanceFile& file);
  Result<size_t> kill_marked(const InstanceId& instance);

  std::map<WorkloadId, ProcessTarget> targets_;
  std::string state_;
  std::map<WorkloadId, uint16_t> last_port_;
  std::map<InstanceId, Instant> asked_;  // where the file could not be written (disk full)
  // Looked up at most once in an apply.
  std::optional<std::set<uint16_t>> ports_;
  std::optional<std::vector<MarkedProcess>> marked_;
};

}  // namespace autoscaler
