#pragma once

#include "base/result.h"

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autoscaler {

// One line of /proc/<pid>/stat, of which this is what we use.
struct ProcessStat {
  std::string name;          // comm: at most 15 characters
  char state = '?';          // 'Z': exited, and nobody has taken its exit status yet
  uint64_t start_ticks = 0;  // since boot; with the pid it names one process for ever
  int wait_status = 0;       // as waitpid gives it; meaningful for a zombie of our own user
};

// nullopt: not a line of /proc/<pid>/stat. The name may hold spaces and parentheses.
std::optional<ProcessStat> parse_process_stat(std::string_view line);

// nullopt: there is no such process.
std::optional<ProcessStat> read_process_stat(pid_t pid);

// "NAME=value" as the process was started with; empty for a moment during exec.
// Errors: kNotFound (no such process, or a zombie; older kernels give a zombie an empty one),
// kDenied (runs as another user).
Result<std::vector<std::string>> read_process_environment(pid_t pid);

std::vector<pid_t> list_processes();

// "exit code 3", "signal 9".
std::string describe_exit(int wait_status);

}  // namespace autoscaler
