#pragma once

#include "base/result.h"
#include "policies/time.h"
#include "policies/workload.h"

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autoscaler {

// What is kept on disk of one instance, from before its command runs until it is gone:
// <state>/instances/<instance>.json. There is none of ours without one.
struct InstanceFile {
  WorkloadId workload;
  InstanceId instance;
  pid_t pid = 0;
  uint64_t start_ticks = 0;  // /proc/<pid>/stat, field 22
  uint16_t port = 0;
  std::string command_hash;  // command_template.h
  Instant launched;
  std::optional<Instant> asked_to_stop;  // SIGTERM was sent
};

std::string instance_json(const InstanceFile& file);
// Errors: kInvalid, naming what is missing.
Result<InstanceFile> parse_instance_file(std::string_view json);

// The folder's real, absolute path: what AUTOSCALER_STATE holds, whatever way leads to it.
std::string absolute_state(const std::string& state_directory);
std::string instances_directory(const std::string& state);
std::string instance_path(const std::string& state, const InstanceId& instance);

// Errors: kNotFound (no such instance), kInvalid (damaged), kDenied.
Result<InstanceFile> read_instance_file(const std::string& path);

// shop-12 is of shop, whatever its file holds.
WorkloadId workload_of(const InstanceId& instance);

struct InstanceFiles {
  std::vector<InstanceFile> good;                     // ordered by instance
  std::vector<std::pair<InstanceId, Error>> damaged;  // nothing may be concluded about these
};

// All of them. No folder: none. Errors: of the folder.
Result<InstanceFiles> read_instance_files(const std::string& state);

}  // namespace autoscaler
