#pragma once

#include "controller/process/instance_file.h"

#include <optional>
#include <string>
#include <vector>

namespace autoscaler {

// The name (comm) a child of ours bears from fork until its command runs, when the kernel replaces
// it. Its environment is still the controller's then, so that this stands in for the markers.
inline constexpr const char* kUnbornName = "autoscaler:new";

// What became of the process that an instance file names.
struct Ownership {
  enum class State {
    kRunning,   // file, start time and environment markers all agree: ours
    kZombie,    // ours, exited; its exit status has not been taken yet
    kUnproven,  // pid and start time agree, but it shows no markers: runs, and is never signalled
    kGone,      // no such process, or its pid is another process's now: never to be signalled
  };
  State state = State::kGone;
  // "exit code 3"; or why the process is not, or not provably, ours any more.
  std::optional<std::string> exit;
};

// A command that overwrites its own environment block (as some daemons do to set a title), or whose
// environment may not be read (it runs as another user), cannot be proven to be ours any more.
Result<Ownership> examine(const InstanceFile& file, const std::string& state);

// Every process that carries the markers of an instance of ours: the command, and what it started.
struct MarkedProcess {
  pid_t pid = 0;
  uint64_t start_ticks = 0;
  InstanceId instance;
};
std::vector<MarkedProcess> find_marked_processes(const std::string& state);

}  // namespace autoscaler
