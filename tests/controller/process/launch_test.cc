#include "controller/process/descriptors.h"
#include "tests/controller/process/process_fixture.h"

#include <gmock/gmock.h>

#include <fcntl.h>

namespace autoscaler {
namespace {

using testing::HasSubstr;
using testing::Not;

using LaunchTest = ProcessTest;

TEST_F(LaunchTest, ALaunchedInstanceRunsAndIsObserved) {
  ASSERT_FALSE(launch("web-1", at(0)));
  const auto seen = observe(at(1));
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].workload, "web");
  EXPECT_EQ(seen[0].instance, "web-1");
  EXPECT_EQ(seen[0].address, "127.0.0.1:" + std::to_string(first_port_));
  EXPECT_EQ(seen[0].started, at(0));
  EXPECT_TRUE(seen[0].running);
  EXPECT_FALSE(seen[0].exit);
  EXPECT_FALSE(seen[0].terminating);
  EXPECT_FALSE(seen[0].outdated);
  EXPECT_TRUE(alive(file_of("web-1").pid));
}

TEST_F(LaunchTest, NothingLaunchedIsNothingObserved) {
  EXPECT_TRUE(observe().empty());
}

TEST_F(LaunchTest, TheCommandGetsItsArgumentsEnvironmentAndDirectoryAndNothingElse) {
  // What a controller may have about it: blocked and ignored signals, descriptors left open.
  signal(SIGUSR1, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigprocmask(SIG_BLOCK, &blocked, &before);
  const int open_fd = open("/dev/null", O_RDONLY);
  rlimit files_before{};
  getrlimit(RLIMIT_NOFILE, &files_before);
  ASSERT_EQ(descriptor_limit_at_start().rlim_cur, files_before.rlim_cur);
  const rlimit fewer{100, files_before.rlim_max};  // as if the limit had been changed since
  setrlimit(RLIMIT_NOFILE, &fewer);
  std::filesystem::create_directories(root_ + "/home");

  run({"describe", "--port={port}", "{workload}", "{instance}"});
  target().environment = {{"NAME", "I am {instance}"}};
  target().working_directory = root_ + "/home";
  const auto error = launch("web-1");
  close(open_fd);
  sigprocmask(SIG_SETMASK, &before, nullptr);
  signal(SIGUSR1, SIG_DFL);
  signal(SIGPIPE, SIG_DFL);
  setrlimit(RLIMIT_NOFILE, &files_before);
  ASSERT_FALSE(error) << error->message;

  ASSERT_TRUE(wait_for_log("web-1", "ready")) << log_of("web-1");
  const std::string port = std::to_string(first_port_);
  const std::string log = log_of("web-1");
  for (const std::string& line : {
           "argument --port=" + port + "\nargument web\nargument web-1\n",
           std::string("variable NAME=I am web-1\n"),
           "variable PORT=" + port + "\n",
           std::string("variable AUTOSCALER_WORKLOAD=web\n"),
           std::string("variable AUTOSCALER_INSTANCE=web-1\n"),
           "variable AUTOSCALER_STATE=" + state_ + "\n",
           "directory " + root_ + "/home\n",
           "open files " + std::to_string(files_before.rlim_cur) + "\n",
           std::string("session leader yes\n"),
           std::string("descriptor 0\n"),
           std::string("descriptor 1\n"),
           std::string("descriptor 2\n"),
       }) {
    EXPECT_THAT(log, HasSubstr(line));
  }
  EXPECT_THAT(log, Not(HasSubstr("blocked")));
  EXPECT_THAT(log, Not(HasSubstr("ignored")));
  EXPECT_THAT(log, Not(testing::ContainsRegex("descriptor [3-9]")));
  EXPECT_THAT(log, Not(testing::ContainsRegex("descriptor [1-9][0-9]")));
}

TEST_F(LaunchTest, TheLogIsAppendedTo) {
  std::filesystem::create_directories(root_ + "/logs");
  std::ofstream(root_ + "/logs/web-1.log") << "from before\n";
  ASSERT_FALSE(launch("web-1"));
  ASSERT_TRUE(wait_for_log("web-1", "ready"));
  EXPECT_EQ(log_of("web-1"), "from before\nready\n");
}

TEST_F(LaunchTest, LaunchingAnInstanceThatRunsIsSuccessAndStartsNothing) {
  ASSERT_FALSE(launch("web-1"));
  const pid_t pid = file_of("web-1").pid;
  EXPECT_FALSE(launch("web-1"));
  EXPECT_EQ(file_of("web-1").pid, pid);
  EXPECT_EQ(find_marked_processes(state_).size(), 1u);
}

TEST_F(LaunchTest, ARestartedControllerAdoptsWhatRuns) {
  {
    ProcessWriter first(config_, state_);
    ASSERT_FALSE(apply(first, Launch{"web", "web-1"}, at(0)));
  }
  ProcessWriter second(config_, state_);
  ASSERT_FALSE(apply(second, Launch{"web", "web-2"}, at(5)));
  const auto seen = observe(at(6));
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_TRUE(seen[0].running);
  EXPECT_EQ(seen[0].started, at(0));
  EXPECT_TRUE(seen[1].running);
  EXPECT_EQ(seen[1].address, "127.0.0.1:" + std::to_string(first_port_ + 1));
}

TEST_F(LaunchTest, ARelativeStateDirectoryIsTheSameOneByAnyName) {
  ASSERT_FALSE(launch("web-1"));
  std::filesystem::create_directory_symlink(state_, root_ + "/link");
  for (const std::string& name : {state_ + "/", root_ + "/./state", root_ + "/link"}) {
    ProcessReader reader(config_, name);
    const auto seen = reader.observe(at(0));
    ASSERT_TRUE(seen);
    ASSERT_EQ(seen->instances.size(), 1u) << name;
    EXPECT_TRUE(seen->instances.at(0).running) << name;
  }
}

TEST_F(LaunchTest, EachInstanceHasAPortOfItsOwnUntilTheRangeIsUsedUp) {
  ProcessWriter writer(config_, state_);
  std::set<std::string> addresses;
  for (int i = 1; i <= 5; ++i) {
    ASSERT_FALSE(apply(writer, Launch{"web", "web-" + std::to_string(i)}, at(0)));
  }
  for (const auto& instance : observe()) addresses.insert(instance.address);
  EXPECT_EQ(addresses.size(), 5u);
  const auto error = apply(writer, Launch{"web", "web-6"}, at(0));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Code::kExhausted);
  EXPECT_THAT(error->message, HasSubstr("workload web: no free port in"));
  EXPECT_THAT(error->message, HasSubstr("5 taken by our instances, 0 by others"));
  EXPECT_FALSE(has_file("web-6"));
}

TEST_F(LaunchTest, APortOfAnotherProgramIsPassedOver) {
  const Listener first(first_port_), second(static_cast<uint16_t>(first_port_ + 1));
  ASSERT_TRUE(first.listening() && second.listening());
  ASSERT_FALSE(launch("web-1"));
  EXPECT_EQ(file_of("web-1").port, first_port_ + 2);
}

TEST_F(LaunchTest, WithEveryPortTakenByOthersItSaysSo) {
  target().last_port = first_port_;
  const Listener taken(first_port_);
  const auto error = launch("web-1");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Code::kExhausted);
  EXPECT_THAT(error->message, HasSubstr("0 taken by our instances, 1 by others"));
}

TEST_F(LaunchTest, APortIsNotHandedOutAgainRightAway) {
  ProcessWriter writer(config_, state_);
  run({"exit", "3"});
  ProcessWriter failing(config_, state_);
  for (int i = 0; i < 3; ++i) {
    const std::string instance = "web-" + std::to_string(i);
    ASSERT_FALSE(apply(failing, Launch{"web", instance}, at(i)));
    EXPECT_EQ(file_of(instance).port, first_port_ + i);
    ASSERT_TRUE(wait_until([&] {
      EXPECT_FALSE(apply(failing, Terminate{"web", instance}, at(i)));
      return !has_file(instance);
    }));
  }
}

TEST_F(LaunchTest, ACommandThatEndsAtOnceIsObservedWithItsExit) {
  run({"exit", "3"});
  ASSERT_FALSE(launch("web-1"));
  ASSERT_TRUE(wait_until([&] { return !observe().at(0).running; }));
  EXPECT_EQ(*observe().at(0).exit, "exit code 3");
  ASSERT_FALSE(terminate("web-1", at(1)));
  EXPECT_TRUE(observe().empty());
  EXPECT_FALSE(has_children());
}

}  // namespace
}  // namespace autoscaler
