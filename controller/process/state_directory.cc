#include "controller/process/state_directory.h"

#include "controller/process/durable_file.h"
#include "controller/process/instance_file.h"

#include <algorithm>

namespace autoscaler {

namespace {

bool has_processes(const Config& config, const WorkloadId& name) {
  return std::any_of(config.workloads.begin(), config.workloads.end(),
                     [&](const WorkloadConfig& workload) {
                       return workload.process() != nullptr && workload.spec.name == name;
                     });
}

}  // namespace

Status lock_instances(const Config& config, const std::string& state, InstanceLocks& locks) {
  const bool none =
      std::none_of(config.workloads.begin(), config.workloads.end(),
                   [](const WorkloadConfig& workload) { return workload.process() != nullptr; });
  if (none) return Done{};
  const std::string folder = instances_directory(absolute_state(state));
  if (Status made = make_directories(folder); !made) return made;
  for (const WorkloadConfig& workload : config.workloads) {
    if (workload.process() == nullptr || locks.contains(workload.spec.name)) continue;
    Result<FileLock> lock =
        FileLock::acquire(folder + "/" + workload.spec.name + ".lock", "controller.stateDirectory");
    if (!lock) return lock.error();
    locks.emplace(workload.spec.name, std::move(lock).value());
  }
  return Done{};
}

void unlock_others(const Config& config, InstanceLocks& locks) {
  std::erase_if(locks, [&](const auto& lock) { return !has_processes(config, lock.first); });
}

std::vector<std::string> instances_of_nobody(const Config& config, const std::string& state) {
  std::vector<std::string> names;
  const auto files = read_instance_files(absolute_state(state));
  if (!files) return names;  // the first observation says it
  for (const InstanceFile& file : files->good) {
    if (has_processes(config, file.workload)) continue;
    names.push_back(file.instance + " (pid " + std::to_string(file.pid) + ")");
  }
  for (const auto& [instance, error] : files->damaged) {
    if (!has_processes(config, workload_of(instance)))
      names.push_back(instance + " (" + error.message + ")");
  }
  return names;
}

}  // namespace autoscaler
