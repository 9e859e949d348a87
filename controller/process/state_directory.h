#pragma once

#include "base/file_lock.h"
#include "controller/config/config.h"

#include <map>
#include <string>
#include <vector>

namespace autoscaler {

// The processes of a workload belong to one live controller, whichever journal it writes: one lock
// for each workload, and none for those that are not in the config.
using InstanceLocks = std::map<WorkloadId, FileLock>;
// Takes those that are missing. Errors: kConflict with the pid of the other controller, and those
// of making a folder.
Status lock_instances(const Config& config, const std::string& state, InstanceLocks& locks);
// Lets go of those of workloads that are not in the config.
void unlock_others(const Config& config, InstanceLocks& locks);

// Instances in the state directory whose workload is not in the config, with pid or fault: nobody
// sizes or stops them.
std::vector<std::string> instances_of_nobody(const Config& config, const std::string& state);

}  // namespace autoscaler
