#include "controller/process/ownership.h"

#include "controller/process/command_template.h"
#include "controller/process/process_table.h"

#include <algorithm>
#include <poll.h>

namespace autoscaler {
namespace {

Ownership gone(const std::string& why) {
  return {Ownership::State::kGone, why};
}

Ownership unproven(const std::string& why) {
  return {Ownership::State::kUnproven, why};
}

std::optional<std::string> value_of(const std::vector<std::string>& environment,
                                    const std::string& name) {
  for (const std::string& variable : environment) {
    if (variable.starts_with(name + "=")) return variable.substr(name.size() + 1);
  }
  return std::nullopt;
}

// While a program is being loaded its environment reads as empty, for some microseconds.
constexpr int kLoadingRetries = 50;
constexpr int kLoadingPauseMs = 1;

}  // namespace

Result<Ownership> examine(const InstanceFile& file, const std::string& state) {
  const std::string pid = std::to_string(file.pid);
  for (int attempt = 0; attempt <= kLoadingRetries; ++attempt) {
    if (attempt > 0) poll(nullptr, 0, kLoadingPauseMs);
    const auto stat = read_process_stat(file.pid);
    if (!stat) return Ownership{Ownership::State::kGone, std::nullopt};
    if (stat->start_ticks != file.start_ticks) {
      return gone("exited; pid " + pid + " is another process now");
    }
    if (stat->state == 'Z') {
      return Ownership{Ownership::State::kZombie, describe_exit(stat->wait_status)};
    }
    if (stat->name == kUnbornName) return Ownership{Ownership::State::kRunning, std::nullopt};
    const auto environment = read_process_environment(file.pid);
    if (!environment && environment.error().code == Code::kNotFound) continue;  // it just ended
    if (!environment) return unproven("its environment cannot be read");
    if (environment->empty()) continue;
    if (carries_markers(*environment, file.workload, file.instance, state)) {
      return Ownership{Ownership::State::kRunning, std::nullopt};
    }
    const bool somebody_elses = value_of(*environment, kStateVariable).has_value() ||
                                value_of(*environment, kInstanceVariable).has_value();
    if (!somebody_elses) return unproven("it has overwritten its environment");
    return gone("pid " + pid + " does not carry our markers in its environment");
  }
  return unproven("its environment is empty");
}

std::vector<MarkedProcess> find_marked_processes(const std::string& state) {
  std::vector<MarkedProcess> marked;
  for (const pid_t pid : list_processes()) {
    const auto environment = read_process_environment(pid);
    if (!environment || value_of(*environment, kStateVariable) != state) continue;
    const auto instance = value_of(*environment, kInstanceVariable);
    const auto stat = read_process_stat(pid);
    if (!instance || !stat || stat->state == 'Z') continue;
    marked.push_back({pid, stat->start_ticks, *instance});
  }
  return marked;
}

}  // namespace autoscaler
