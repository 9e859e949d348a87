#pragma once

#include "controller/process/durable_file.h"
#include "controller/process/instance_file.h"
#include "controller/process/ownership.h"
#include "controller/process/process_reader.h"
#include "controller/process/process_table.h"
#include "controller/process/process_writer.h"
#include "tests/fakes/free_port.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <signal.h>
#include <sstream>
#include <thread>
#include <unistd.h>

namespace autoscaler {

// Generous: only a failing test waits this long.
constexpr std::chrono::seconds kPatience{60};

inline bool wait_until(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

inline std::string read_text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// A socket listening on that port of 127.0.0.1, as another program's would be.
class Listener {
 public:
  explicit Listener(uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int on = 1;
    setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listening_ = bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                 listen(fd_, 1) == 0;
  }
  ~Listener() { close(fd_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  bool listening() const { return listening_; }

 private:
  int fd_;
  bool listening_ = false;
};

// A directory of its own, a config of one workload "web" with five ports, and the means to look at
// what runs. Whatever a test leaves running is killed at its end.
class ProcessTest : public testing::Test {
 protected:
  ProcessTest() {
    char name[] = "/tmp/process_test.XXXXXX";
    root_ = std::filesystem::canonical(mkdtemp(name)).string();
    state_ = root_ + "/state";
    first_port_ = free_ports(5);
    config_.workloads.push_back(workload("web", {"pause"}));
  }
  ~ProcessTest() override {
    EXPECT_TRUE(wait_until([&] {
      const auto left = find_marked_processes(state_);
      for (const MarkedProcess& process : left) kill(process.pid, SIGKILL);
      return left.empty();
    }));
    for (const pid_t pid : foreign_) {
      kill(pid, SIGKILL);
      waitpid(pid, nullptr, 0);
    }
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    std::filesystem::remove_all(root_);
  }

  WorkloadConfig workload(const std::string& name, std::vector<std::string> arguments) {
    WorkloadConfig workload;
    workload.spec.name = name;
    ProcessTarget target;
    target.command = {PROCESS_CHILD};
    target.command.insert(target.command.end(), arguments.begin(), arguments.end());
    target.first_port = first_port_;
    target.last_port = static_cast<uint16_t>(first_port_ + 4);
    target.log_directory = root_ + "/logs";
    target.stop_grace = std::chrono::seconds(30);
    workload.target = std::move(target);
    return workload;
  }
  ProcessTarget& target() { return std::get<ProcessTarget>(config_.workloads[0].target); }
  void run(std::vector<std::string> arguments) {
    config_.workloads[0] = workload("web", std::move(arguments));
  }

  // Each call is a controller of its own, as after a restart; tests that care keep one.
  std::vector<InstanceObservation> observe(Instant now = at(0)) {
    ProcessReader reader(config_, state_);
    auto observed = reader.observe(now);
    EXPECT_TRUE(observed) << observed.error().message;
    return observed ? observed->instances : std::vector<InstanceObservation>();
  }
  static std::optional<Error> apply(ProcessWriter& writer, const Change& change, Instant now) {
    auto results = writer.apply(std::span(&change, 1), now);
    EXPECT_EQ(results.size(), 1u);
    return results.at(0).error;
  }
  std::optional<Error> launch(const std::string& instance, Instant now = at(0)) {
    ProcessWriter writer(config_, state_);
    return apply(writer, Launch{"web", instance}, now);
  }
  std::optional<Error> terminate(const std::string& instance, Instant now) {
    ProcessWriter writer(config_, state_);
    return apply(writer, Terminate{"web", instance}, now);
  }

  InstanceFile file_of(const std::string& instance) {
    const auto file = read_instance_file(instance_path(state_, instance));
    EXPECT_TRUE(file) << file.error().message;
    return file ? *file : InstanceFile();
  }
  void put_file(const InstanceFile& file) {
    ASSERT_TRUE(make_directories(instances_directory(state_)));
    ASSERT_TRUE(write_durably(instance_path(state_, file.instance), instance_json(file)));
  }
  bool has_file(const std::string& instance) {
    return std::filesystem::exists(instance_path(state_, instance));
  }
  std::string log_of(const std::string& instance) {
    return read_text(root_ + "/logs/" + instance + ".log");
  }
  bool wait_for_log(const std::string& instance, const std::string& line) {
    return wait_until([&] { return log_of(instance).find(line + "\n") != std::string::npos; });
  }

  // A process of somebody else's, with the environment given.
  pid_t start_foreign(std::vector<std::string> environment = {}) {
    const pid_t pid = fork();
    if (pid == 0) {
      std::vector<char*> variables;
      for (std::string& variable : environment) variables.push_back(variable.data());
      variables.push_back(nullptr);
      char program[] = PROCESS_CHILD, mode[] = "pause";
      char* arguments[] = {program, mode, nullptr};
      close(1);
      if (open("/dev/null", O_WRONLY) != 1) _exit(1);
      execve(program, arguments, variables.data());
      _exit(1);
    }
    foreign_.push_back(pid);
    EXPECT_TRUE(wait_until([&] {
      const auto stat = read_process_stat(pid);
      const auto text = read_text("/proc/" + std::to_string(pid) + "/cmdline");
      return stat && text.starts_with(PROCESS_CHILD) && stat->state == 'S';
    }));
    return pid;
  }
  static bool alive(pid_t pid) {
    const auto stat = read_process_stat(pid);
    return stat && stat->state != 'Z';
  }
  static bool has_children() { return waitpid(-1, nullptr, WNOHANG) >= 0; }

  static Instant at(int seconds) { return Instant(std::chrono::seconds(1'700'000'000 + seconds)); }

  std::string root_, state_;
  uint16_t first_port_ = 0;
  Config config_;
  std::vector<pid_t> foreign_;
};

}  // namespace autoscaler
