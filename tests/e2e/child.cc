#include "tests/e2e/child.h"

#include "base/check.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace autoscaler::e2e {

Child::Child(std::vector<std::string> command) {
  int ends[2];
  CHECK(pipe2(ends, O_CLOEXEC) == 0);
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_ = fork();
  CHECK(pid_ >= 0);
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(ends[1], STDOUT_FILENO);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  close(ends[1]);
  output_ = ends[0];
}

Child::~Child() {
  if (!code_) {
    signal(SIGKILL);
    wait();
  }
  close(output_);
}

std::optional<std::string> Child::line() {
  size_t end = 0;
  while ((end = pending_.find('\n')) == std::string::npos) {
    char bytes[4096];
    ssize_t n = read(output_, bytes, sizeof(bytes));
    if (n <= 0) return std::nullopt;
    pending_.append(bytes, static_cast<size_t>(n));
  }
  std::string line = pending_.substr(0, end);
  pending_.erase(0, end + 1);
  return line;
}

int Child::wait() {
  if (code_) return *code_;
  int status = 0;
  CHECK(waitpid(pid_, &status, 0) == pid_);
  code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return *code_;
}

}  // namespace autoscaler::e2e
