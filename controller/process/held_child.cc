#include "controller/process/held_child.h"

#include "controller/process/descriptors.h"
#include "controller/process/ownership.h"
#include "controller/process/system_error.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <climits>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

namespace autoscaler {
namespace {

// How long a child may take to get ready, or its command to load, before it is an error. Both are
// milliseconds unless a file system hangs.
constexpr int kPatienceMs = 5000;

enum class Step : char { kReady, kWorkingDirectory, kDescriptors, kExec };

struct Report {
  Step step = Step::kReady;
  int error = 0;
};

// From here to the end of `run_child` we are in the child of a program that may have had threads:
// only async-signal-safe calls, and no allocation.
[[noreturn]] void fail(int link, Step step, int error) {
  const Report message{step, error};
  [[maybe_unused]] const ssize_t wrote = write(link, &message, sizeof message);
  _exit(127);
}

void reset_signals() {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) sigaction(signal, &standard, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

struct ChildPlan {
  char* const* argv;
  char** environment;
  const char* working_directory;  // nullptr: stay
  int input, output;
  int link;
  rlimit descriptors;
};

[[noreturn]] void run_child(const ChildPlan& plan) {
  prctl(PR_SET_NAME, kUnbornName);
  setsid();  // Ctrl-C in the controller's terminal is not for it, nor is the terminal's hang-up
  reset_signals();
  if (plan.working_directory != nullptr && chdir(plan.working_directory) != 0) {
    fail(plan.link, Step::kWorkingDirectory, errno);
  }
  if (dup2(plan.input, 0) < 0 || dup2(plan.output, 1) < 0 || dup2(plan.output, 2) < 0 ||
      close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC) != 0 ||
      setrlimit(RLIMIT_NOFILE, &plan.descriptors) != 0) {
    fail(plan.link, Step::kDescriptors, errno);
  }
  const Report ready{};
  char go = 0;
  if (write(plan.link, &ready, sizeof ready) != sizeof ready) _exit(127);
  if (read(plan.link, &go, 1) != 1) _exit(127);  // the controller is gone: nobody knows of us
  environ = plan.environment;                    // so that execvp looks in the PATH it will have
  execvp(plan.argv[0], plan.argv);
  fail(plan.link, Step::kExec, errno);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

enum class Heard { kReport, kEnd, kNothing };

Heard hear(int link, Report& report) {
  pollfd waiting{link, POLLIN, 0};
  int ready = 0;
  do {
    ready = poll(&waiting, 1, kPatienceMs);
  } while (ready < 0 && errno == EINTR);
  if (ready == 0) return Heard::kNothing;
  return read(link, &report, sizeof report) == sizeof report ? Heard::kReport : Heard::kEnd;
}

Error setup_error(const CommandLine& line, const Report& report) {
  if (report.step == Step::kWorkingDirectory) {
    return system_error("target.process.workingDirectory '" + line.working_directory + "'",
                        report.error);
  }
  return system_error("set up the descriptors of a new process", report.error);
}

bool exists(const std::string& program, const std::string& working_directory) {
  const bool absolute = program[0] == '/' || working_directory.empty();
  return access((absolute ? program : working_directory + "/" + program).c_str(), F_OK) == 0;
}

Error exec_error(const std::string& program, const std::string& working_directory, int error) {
  const std::string name = "target.process.command[0] '" + program + "'";
  switch (error) {
    case ENOENT:
      if (program.find('/') == std::string::npos) {
        return {Code::kNotFound, name + " is not found in PATH"};
      }
      return {Code::kNotFound, name + (exists(program, working_directory)
                                           ? " names an interpreter that does not exist"
                                           : " does not exist")};
    case EACCES: return {Code::kDenied, name + " is not executable"};
    case ENOEXEC: return {Code::kInvalid, name + " is not a program"};
    default: return system_error(name + " cannot be run", error);
  }
}

}  // namespace

Result<HeldChild> HeldChild::fork_held(const CommandLine& line) {
  CHECK(!line.command.empty() && !line.command[0].empty());
  int ends[2] = {-1, -1};
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null < 0) return system_error("open /dev/null", errno);
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    const int error = errno;
    close(null);
    return system_error("open a link to a new process", error);
  }
  const std::vector<char*> argv = pointers(line.command);
  std::vector<char*> environment = pointers(line.environment);
  const ChildPlan plan{argv.data(),
                       environment.data(),
                       line.working_directory.empty() ? nullptr : line.working_directory.c_str(),
                       null,
                       line.output,
                       ends[1],
                       descriptor_limit_at_start()};

  // No handler of the controller may run in the child before its signals are reset.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = fork();
  if (pid == 0) {
    close(ends[0]);  // or it would never see the controller's end closed
    run_child(plan);
  }
  const int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  close(null);
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    return system_error("fork", error);
  }
  HeldChild child(pid, ends[0], line);
  Report first;
  switch (hear(child.link_, first)) {
    case Heard::kEnd: return Error{Code::kUnavailable, "a new process died before its command ran"};
    case Heard::kNothing: return Error{Code::kTimeout, "a new process is not ready after 5 s"};
    case Heard::kReport: break;
  }
  if (first.step != Step::kReady) return setup_error(line, first);
  return child;
}

Status HeldChild::release() {
  CHECK(pid_ != 0);
  const char go = 1;
  if (send(link_, &go, 1, MSG_NOSIGNAL) != 1) {
    abandon();
    return Error{Code::kUnavailable, "a new process died before its command ran"};
  }
  Report last;
  const Heard heard = hear(link_, last);
  if (heard == Heard::kReport) {
    abandon();
    return exec_error(program_, working_directory_, last.error);
  }
  close(std::exchange(link_, -1));
  pid_ = 0;
  if (heard == Heard::kEnd) return Done{};  // exec closed its end
  return Error{Code::kTimeout, "target.process.command[0] '" + program_ +
                                   "' has not been loaded after 5 s; it goes on trying"};
}

HeldChild::HeldChild(pid_t pid, int link, const CommandLine& line)
    : pid_(pid),
      link_(link),
      program_(line.command[0]),
      working_directory_(line.working_directory) {}

HeldChild::HeldChild(HeldChild&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      link_(std::exchange(other.link_, -1)),
      program_(std::move(other.program_)),
      working_directory_(std::move(other.working_directory_)) {}

void HeldChild::abandon() {
  if (pid_ == 0) return;
  close(std::exchange(link_, -1));
  kill(pid_, SIGKILL);  // our own child, not waited for yet: the pid cannot be another's
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

HeldChild::~HeldChild() {
  abandon();
}

}  // namespace autoscaler
