#pragma once

#include "base/result.h"

#include <sys/types.h>

#include <string>
#include <vector>

namespace autoscaler {

struct CommandLine {
  std::vector<std::string> command;      // command[0] is looked for in PATH unless it has a '/'
  std::vector<std::string> environment;  // "NAME=value", complete
  std::string working_directory;         // empty: the controller's
  int output = -1;                       // becomes stdout and stderr
};

// A process that has been forked, has its own session, and waits. Only `release` lets it run its
// command. If this object or the whole controller ends first, the process sees the link closed and
// exits by itself: so its pid can be put on disk before anything runs.
class HeldChild {
 public:
  // Errors: kExhausted (no process or descriptor left), kNotFound or kDenied (working directory).
  static Result<HeldChild> fork_held(const CommandLine& line);

  // Lets the command run and waits until it does (exec). Errors name command[0]: kNotFound,
  // kDenied, kInvalid (not a program); the process is gone then.
  Status release();

  pid_t pid() const { return pid_; }

  HeldChild(HeldChild&& other) noexcept;
  HeldChild& operator=(HeldChild&&) = delete;
  ~HeldChild();

 private:
  HeldChild(pid_t pid, int link, const CommandLine& line);

  void abandon();

  pid_t pid_ = 0;  // 0: released or given up
  int link_ = -1;  // to the child: it reports here, and a byte releases it; exec closes its end
  std::string program_;
  std::string working_directory_;
};

}  // namespace autoscaler
