#include "controller/process/process_reader.h"

#include "base/address.h"
#include "controller/process/command_template.h"
#include "controller/process/instance_file.h"
#include "controller/process/ownership.h"

#include <algorithm>

namespace autoscaler {
namespace {

// Nothing but the status is of interest.
constexpr size_t kHealthBodyBytes = 1u << 20;

FetchLimits health_limits(const Config& config) {
  FetchLimits limits;
  limits.deadline = Duration(1);
  for (const WorkloadConfig& workload : config.workloads) {
    const ProcessTarget* target = workload.process();
    if (target != nullptr) limits.deadline = std::max(limits.deadline, target->health_timeout);
  }
  limits.body_bytes = kHealthBodyBytes;
  return limits;
}

}  // namespace

ProcessReader::ProcessReader(const Config& config, const std::string& state_directory)
    : state_(absolute_state(state_directory)), fetcher_(health_limits(config)) {
  for (const WorkloadConfig& workload : config.workloads) {
    if (const auto* target = workload.process()) targets_.emplace(workload.spec.name, *target);
  }
}

Result<ClusterObservation> ProcessReader::observe(Instant now) {
  const auto files = read_instance_files(state_);
  if (!files) return files.error();
  ClusterObservation observation;
  for (const auto& [instance, error] : files->damaged) {
    observation.unreadable.emplace_back(workload_of(instance), error);
  }
  std::vector<InstanceObservation>& instances = observation.instances;
  for (const InstanceFile& file : files->good) {
    const auto target = targets_.find(file.workload);
    if (target == targets_.end()) continue;
    const auto ownership = examine(file, state_);
    if (!ownership) {
      observation.unreadable.emplace_back(file.workload, ownership.error());
      continue;
    }
    InstanceObservation seen;
    seen.workload = file.workload;
    seen.instance = file.instance;
    seen.address = join_address(target->second.host, std::to_string(file.port));
    seen.started = std::min(file.launched, now);
    const bool unproven = ownership->state == Ownership::State::kUnproven;
    seen.running = unproven || ownership->state == Ownership::State::kRunning;
    if (!seen.running && ownership->exit) seen.exit = *ownership->exit;
    seen.terminating = file.asked_to_stop.has_value();
    seen.outdated = file.command_hash != command_hash(target->second);
    instances.push_back(std::move(seen));
  }
  std::sort(instances.begin(), instances.end(), [](const auto& a, const auto& b) {
    return std::tie(a.workload, a.instance) < std::tie(b.workload, b.instance);
  });
  check_health(instances);
  return observation;
}

void ProcessReader::check_health(std::vector<InstanceObservation>& instances) {
  std::vector<FetchRequest> requests;
  std::vector<InstanceObservation*> asked;
  for (InstanceObservation& instance : instances) {
    if (!instance.running) continue;
    const ProcessTarget& target = targets_.at(instance.workload);
    requests.push_back(
        {"http://" + instance.address + target.health_path, {}, target.health_timeout});
    asked.push_back(&instance);
  }
  const auto answers = fetcher_.fetch(requests);
  std::set<InstanceId> answered;
  for (size_t i = 0; i < answers.size(); ++i) {
    const bool known = answers[i].ok() || answered_.contains(asked[i]->instance);
    if (!known) continue;
    answered.insert(asked[i]->instance);
    asked[i]->healthy = answers[i].ok() && answers[i]->status / 100 == 2;
  }
  answered_ = std::move(answered);  // forgets those that are gone
}

}  // namespace autoscaler
