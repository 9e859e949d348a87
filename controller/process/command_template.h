#pragma once

#include "controller/config/config.h"
#include "policies/workload.h"

#include <cstdint>
#include <string>
#include <vector>

namespace autoscaler {

inline constexpr const char* kWorkloadVariable = "AUTOSCALER_WORKLOAD";
inline constexpr const char* kInstanceVariable = "AUTOSCALER_INSTANCE";
inline constexpr const char* kStateVariable = "AUTOSCALER_STATE";

// What makes one instance differ from the next of its workload.
struct InstanceIdentity {
  WorkloadId workload;
  InstanceId instance;
  std::string state;  // absolute path of the state directory
  uint16_t port = 0;
};

// {port}, {instance} and {workload} replaced; any other brace stays as it is.
std::string fill_in(const std::string& text, const InstanceIdentity& identity);

std::vector<std::string> instance_command(const ProcessTarget& target,
                                          const InstanceIdentity& identity);

// `inherited`, then the target's own variables over it (PORT among them, if it names none itself),
// then the three markers, which nothing can change. "NAME=value", ordered by name.
std::vector<std::string> instance_environment(const ProcessTarget& target,
                                              const InstanceIdentity& identity,
                                              const std::vector<std::string>& inherited);

// True when the variables hold all three markers of this instance.
bool carries_markers(const std::vector<std::string>& environment, const WorkloadId& workload,
                     const InstanceId& instance, const std::string& state);

// 16 hex digits over the command, environment and working directory as the config has them, before
// anything is filled in: an instance with another hash runs what the config no longer says.
std::string command_hash(const ProcessTarget& target);

}  // namespace autoscaler
