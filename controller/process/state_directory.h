#pragma once

#include "base/file_lock.h"
#include "controller/config/config.h"

#include <string>
#include <vector>

namespace autoscaler {

// The processes of a workload belong to one live controller, whichever journal it writes: one lock
// for each workload. Errors: kConflict with the pid of the other one, and those of making a folder.
Result<std::vector<FileLock>> lock_instances(const Config& config, const std::string& state);

// Instances in the state directory whose workload is not in the config, with pid or fault: nobody
// sizes or stops them.
std::vector<std::string> instances_of_nobody(const Config& config, const std::string& state);

}  // namespace autoscaler
