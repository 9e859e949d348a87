#pragma once

#include <string>

namespace autoscaler {

struct RunOptions {
  std::string config;
  bool dry_run = false;
  bool stop_instances = false;  // when it ends, instead of leaving them running
};

// Runs until SIGTERM, SIGINT or SIGHUP. Returns an ExitCode.
int run_command(const RunOptions& options);

}  // namespace autoscaler
