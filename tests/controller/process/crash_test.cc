#include "controller/process/command_template.h"
#include "controller/process/held_child.h"
#include "tests/controller/process/process_fixture.h"

namespace autoscaler {
namespace {

// A controller of its own process, that dies by SIGKILL where the test wants it to.
class CrashTest : public ProcessTest {
 protected:
  using Die = std::function<void(pid_t launched)>;

  // Runs `controller` in a process; what it gives to `die` is returned, and it is dead there and
  // then, with no destructor run.
  pid_t crash(const std::function<void(const Die& die)>& controller) {
    int report[2];
    EXPECT_EQ(pipe(report), 0);
    const pid_t pid = fork();
    if (pid == 0) {
      controller([&](pid_t launched) {
        if (write(report[1], &launched, sizeof launched) < 0) _exit(1);
        raise(SIGKILL);
      });
      _exit(1);
    }
    close(report[1]);
    pid_t launched = 0;
    EXPECT_EQ(read(report[0], &launched, sizeof launched), static_cast<ssize_t>(sizeof launched));
    close(report[0]);
    int status = 0;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return launched;
  }
  Result<HeldChild> hold() {
    const InstanceIdentity identity{"web", "web-1", state_, first_port_};
    return HeldChild::fork_held({instance_command(target(), identity),
                                 instance_environment(target(), identity, {}), "", 2});
  }
  InstanceFile file_for(const HeldChild& child) {
    InstanceFile file;
    file.workload = "web";
    file.instance = "web-1";
    file.pid = child.pid();
    file.start_ticks = read_process_stat(child.pid())->start_ticks;
    file.port = first_port_;
    file.command_hash = command_hash(target());
    file.launched = at(0);
    return file;
  }
};

TEST_F(CrashTest, KilledBeforeTheFileIsWrittenNoProcessStays) {
  const pid_t pid = crash([&](const Die& die) {
    const auto child = hold();
    if (child) die(child->pid());
  });
  ASSERT_GT(pid, 1);
  EXPECT_TRUE(wait_until([&] { return !alive(pid); }));
  EXPECT_TRUE(observe().empty());
}

TEST_F(CrashTest, KilledAfterTheFileIsWrittenTheCommandNeverRunsAndTheInstanceIsSeenAsEnded) {
  const pid_t pid = crash([&](const Die& die) {
    const auto child = hold();
    if (!child) return;
    put_file(file_for(*child));
    // Inside: the held child is one of ours, running, though it has no markers yet.
    if (observe().at(0).running) die(child->pid());
  });
  ASSERT_GT(pid, 1);
  ASSERT_TRUE(wait_until([&] { return !alive(pid); }));
  ASSERT_EQ(observe().size(), 1u);
  EXPECT_FALSE(observe()[0].running);
  EXPECT_FALSE(launch("web-1"));  // asked again: it has been launched, and ended
  EXPECT_FALSE(observe().at(0).running);
  EXPECT_FALSE(terminate("web-1", at(1)));
  EXPECT_TRUE(observe().empty());
}

TEST_F(CrashTest, KilledAfterTheLaunchTheInstanceIsFoundAgainAndCanBeStopped) {
  const pid_t pid = crash([&](const Die& die) {
    if (!launch("web-1")) die(file_of("web-1").pid);
  });
  ASSERT_GT(pid, 1);
  ASSERT_EQ(observe().size(), 1u);
  EXPECT_TRUE(observe()[0].running);
  EXPECT_FALSE(launch("web-1"));
  EXPECT_EQ(find_marked_processes(state_).size(), 1u);
  ASSERT_TRUE(wait_for_log("web-1", "ready"));
  ASSERT_TRUE(wait_until([&] {
    EXPECT_FALSE(terminate("web-1", at(1)));
    return !has_file("web-1");
  }));
  EXPECT_FALSE(alive(pid));
}

TEST_F(CrashTest, KilledBetweenTheSignalAndItsRecordTheInstanceIsStoppedAllTheSame) {
  run({"stubborn"});
  ASSERT_FALSE(launch("web-1"));
  ASSERT_TRUE(wait_for_log("web-1", "ready"));
  kill(file_of("web-1").pid, SIGTERM);  // and nothing on disk says so
  ASSERT_FALSE(terminate("web-1", at(1)));
  ASSERT_FALSE(terminate("web-1", at(31)));
  EXPECT_TRUE(wait_until([&] { return !observe().at(0).running; }));
}

TEST_F(CrashTest, KilledBetweenTheEndOfTheProcessAndTheRemovalOfItsFileTheFileGoesLater) {
  run({"exit", "0"});
  ASSERT_FALSE(launch("web-1"));
  ASSERT_EQ(waitpid(file_of("web-1").pid, nullptr, 0), file_of("web-1").pid);
  ASSERT_EQ(observe().size(), 1u);
  EXPECT_FALSE(observe()[0].running);
  EXPECT_FALSE(observe()[0].exit) << "nobody knows it any more";
  EXPECT_FALSE(terminate("web-1", at(1)));
  EXPECT_TRUE(observe().empty());
}

TEST_F(CrashTest, AHeldChildThatIsLetGoOfLeavesNothing) {
  pid_t pid = 0;
  {
    const auto child = hold();
    ASSERT_TRUE(child) << child.error().message;
    pid = child->pid();
    EXPECT_TRUE(alive(pid));
  }
  EXPECT_FALSE(read_process_stat(pid));
}

TEST_F(CrashTest, AHeldChildKilledByAnotherIsAnErrorOfTheRelease) {
  auto child = hold();
  ASSERT_TRUE(child);
  kill(child->pid(), SIGKILL);
  siginfo_t exited{};
  waitid(P_PID, static_cast<id_t>(child->pid()), &exited, WEXITED | WNOWAIT);
  const auto released = child->release();
  ASSERT_FALSE(released);
  EXPECT_EQ(released.error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace autoscaler
