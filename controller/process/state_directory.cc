#include "controller/process/state_directory.h"

#include "controller/process/durable_file.h"
#include "controller/process/instance_file.h"

#include <algorithm>

namespace autoscaler {

Result<std::vector<FileLock>> lock_instances(const Config& config, const std::string& state) {
  std::vector<FileLock> locks;
  const bool none =
      std::none_of(config.workloads.begin(), config.workloads.end(),
                   [](const WorkloadConfig& workload) { return workload.process() != nullptr; });
  if (none) return locks;
  const std::string folder = instances_directory(absolute_state(state));
  if (Status made = make_directories(folder); !made) return made.error();
  for (const WorkloadConfig& workload : config.workloads) {
    if (workload.process() == nullptr) continue;
    Result<FileLock> lock =
        FileLock::acquire(folder + "/" + workload.spec.name + ".lock", "controller.stateDirectory");
    if (!lock) return lock.error();
    locks.push_back(std::move(lock).value());
  }
  return locks;
}

std::vector<std::string> instances_of_nobody(const Config& config, const std::string& state) {
  std::vector<std::string> names;
  const auto files = read_instance_files(absolute_state(state));
  if (!files) return names;  // the first observation says it
  const auto is_known = [&config](const WorkloadId& name) {
    return std::any_of(config.workloads.begin(), config.workloads.end(),
                       [&](const WorkloadConfig& workload) {
                         return workload.process() != nullptr && workload.spec.name == name;
                       });
  };
  for (const InstanceFile& file : files->good) {
    if (is_known(file.workload)) continue;
    names.push_back(file.instance + " (pid " + std::to_string(file.pid) + ")");
  }
  for (const auto& [instance, error] : files->damaged) {
    if (!is_known(workload_of(instance))) names.push_back(instance + " (" + error.message + ")");
  }
  return names;
}

}  // namespace autoscaler
