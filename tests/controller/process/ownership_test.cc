#include "controller/process/command_template.h"
#include "controller/process/held_child.h"
#include "controller/process/state_directory.h"
#include "tests/controller/process/process_fixture.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using testing::HasSubstr;

class OwnershipTest : public ProcessTest {
 protected:
  OwnershipTest() { target().stop_grace = Duration(0); }

  std::vector<std::string> markers(const std::string& workload, const std::string& instance,
                                   const std::string& state) {
    return {std::string(kWorkloadVariable) + "=" + workload,
            std::string(kInstanceVariable) + "=" + instance,
            std::string(kStateVariable) + "=" + state};
  }
  InstanceFile forged(pid_t pid) {
    InstanceFile file;
    file.workload = "web";
    file.instance = "web-1";
    file.pid = pid;
    file.start_ticks = read_process_stat(pid)->start_ticks;
    file.port = first_port_;
    file.command_hash = command_hash(target());
    file.launched = at(0);
    return file;
  }
  // With no grace at all, the second Terminate would be a SIGKILL.
  void expect_never_touched(pid_t pid) {
    const auto seen = observe();
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_FALSE(seen[0].running);
    EXPECT_THAT(*seen[0].exit, HasSubstr("pid " + std::to_string(pid)));
    EXPECT_FALSE(terminate("web-1", at(1)));
    EXPECT_FALSE(terminate("web-1", at(100)));
    EXPECT_FALSE(has_file("web-1"));
    EXPECT_TRUE(observe().empty());
    EXPECT_TRUE(alive(pid));
  }
};

TEST_F(OwnershipTest, AFileThatAgreesWithProcessAndMarkersIsOurs) {
  const pid_t pid = start_foreign(markers("web", "web-1", state_));
  put_file(forged(pid));
  ASSERT_EQ(observe().size(), 1u);
  EXPECT_TRUE(observe()[0].running);
}

TEST_F(OwnershipTest, APidThatIsAnotherProcessNowIsNeverSignalled) {
  const pid_t pid = start_foreign();
  InstanceFile file = forged(pid);
  file.start_ticks -= 1;
  put_file(file);
  expect_never_touched(pid);
}

// A daemon that overwrote its environment to set a title: it serves on, is not replaced again and
// again, and whoever it is, it is never signalled.
class UnmarkedTest : public OwnershipTest,
                     public testing::WithParamInterface<std::vector<std::string>> {};

TEST_P(UnmarkedTest, AProcessThatShowsNoMarkersRunsOnAndIsNeverSignalled) {
  const pid_t pid = start_foreign(GetParam());
  put_file(forged(pid));
  ASSERT_EQ(observe().size(), 1u);
  EXPECT_TRUE(observe()[0].running);
  for (const int second : {1, 100}) {
    const auto refused = terminate("web-1", at(second));
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->code, Code::kConflict);
    EXPECT_THAT(refused->message, HasSubstr("stop it by hand"));
  }
  EXPECT_TRUE(has_file("web-1"));
  EXPECT_TRUE(alive(pid));
}

INSTANTIATE_TEST_SUITE_P(OverwrittenAndEmpty, UnmarkedTest,
                         testing::Values(std::vector<std::string>{"HOME=/root"},
                                         std::vector<std::string>{}));

TEST_F(OwnershipTest, AProcessOfAnotherInstanceIsNotOurs) {
  const pid_t pid = start_foreign(markers("web", "web-2", state_));
  put_file(forged(pid));
  expect_never_touched(pid);
}

TEST_F(OwnershipTest, AProcessOfAnotherWorkloadIsNotOurs) {
  const pid_t pid = start_foreign(markers("api", "web-2", state_));
  put_file(forged(pid));
  expect_never_touched(pid);
}

TEST_F(OwnershipTest, AProcessOfAnotherControllerIsNotOursThoughItsFilesWereCopied) {
  const pid_t pid = start_foreign(markers("web", "web-1", root_ + "/elsewhere"));
  put_file(forged(pid));
  expect_never_touched(pid);
}

// Whoever inherited our markers was started by the instance: not the command itself, so that the
// instance counts as exited, but what it left behind.
TEST_F(OwnershipTest, AProcessWithOurMarkersAndAnotherStartTimeIsLeftBehindAndNotTheCommand) {
  const pid_t pid = start_foreign(markers("web", "web-1", state_));
  InstanceFile file = forged(pid);
  file.start_ticks -= 1;
  put_file(file);
  ASSERT_EQ(observe().size(), 1u);
  EXPECT_FALSE(observe()[0].running);
  EXPECT_EQ(*observe()[0].exit, "exited; pid " + std::to_string(pid) + " is another process now");
  ASSERT_TRUE(wait_until([&] {
    EXPECT_FALSE(terminate("web-1", at(1)));
    return !has_file("web-1");
  }));
  EXPECT_FALSE(alive(pid));
}

TEST_F(OwnershipTest, ThePidOfInitIsRefusedAsDamage) {
  ASSERT_TRUE(make_directories(instances_directory(state_)));
  InstanceFile file = forged(getpid());
  for (const pid_t pid : {1, 0, -1}) {
    file.pid = pid;
    put_file(file);
    const auto seen = ProcessReader(config_, state_).observe(at(0));
    ASSERT_EQ(seen->unreadable.size(), 1u);
    EXPECT_EQ(seen->unreadable[0].second.code, Code::kInvalid);
    EXPECT_TRUE(terminate("web-1", at(0)));
  }
}

TEST_F(OwnershipTest, ADamagedFileMakesItsWorkloadUnknownAndIsNamed) {
  ASSERT_TRUE(make_directories(instances_directory(state_)));
  ASSERT_TRUE(write_durably(instance_path(state_, "stranger-1"), "{"));
  for (const char* text : {"", "{", "[]", "{\"pid\": \"x\"}", "{\"workload\": \"web\"}", "null"}) {
    ASSERT_TRUE(write_durably(instance_path(state_, "web-1"), text));
    const auto seen = ProcessReader(config_, state_).observe(at(0));
    ASSERT_TRUE(seen) << text;
    ASSERT_EQ(seen->unreadable.size(), 2u) << text;
    EXPECT_EQ(seen->unreadable[0].first == "web" ? "web" : seen->unreadable[1].first, "web");
    EXPECT_THAT(seen->unreadable[0].second.message + seen->unreadable[1].second.message,
                HasSubstr(instance_path(state_, "web-1")));
    EXPECT_TRUE(launch("web-1"));
    EXPECT_TRUE(terminate("web-1", at(0)));
  }
}

TEST_F(OwnershipTest, OtherFilesInTheFolderAreNotInstances) {
  ASSERT_FALSE(launch("web-1"));
  std::ofstream(instances_directory(state_) + "/web-2.json.new") << "{";
  std::ofstream(instances_directory(state_) + "/notes.txt") << "hello";
  EXPECT_EQ(observe().size(), 1u);
}

TEST_F(OwnershipTest, AnInstanceWhoseWorkloadLeftTheConfigRunsOnUnlisted) {
  ASSERT_FALSE(launch("web-1"));
  config_.workloads[0].spec.name = "api";
  EXPECT_TRUE(observe().empty());
  EXPECT_THAT(instances_of_nobody(config_, state_),
              testing::ElementsAre("web-1 (pid " + std::to_string(file_of("web-1").pid) + ")"));
  EXPECT_TRUE(alive(file_of("web-1").pid));
  config_.workloads[0].spec.name = "web";
  EXPECT_EQ(observe().size(), 1u);
}

TEST_F(OwnershipTest, TwoControllersNeverHoldOneWorkload) {
  InstanceLocks mine, others;
  ASSERT_TRUE(lock_instances(config_, state_, mine).ok());
  ASSERT_TRUE(lock_instances(config_, state_, mine).ok())
      << "those that are held are not asked for";
  const Status second = lock_instances(config_, state_, others);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, Code::kConflict);
  EXPECT_THAT(second.error().message, HasSubstr("pid " + std::to_string(getpid())));
  const Config before = config_;
  config_.workloads[0].spec.name = "api";
  EXPECT_TRUE(lock_instances(config_, state_, others).ok());
  unlock_others(config_, mine);
  EXPECT_TRUE(lock_instances(before, state_, others).ok()) << "it has left the config";
}

TEST_F(OwnershipTest, ObservingChangesNothing) {
  run({"exit", "3"});
  ASSERT_FALSE(launch("web-1"));
  ASSERT_TRUE(wait_until([&] { return !observe().at(0).running; }));
  const std::string before = read_text(instance_path(state_, "web-1"));
  const auto written = std::filesystem::last_write_time(instance_path(state_, "web-1"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(*observe().at(0).exit, "exit code 3");
  EXPECT_EQ(read_text(instance_path(state_, "web-1")), before);
  EXPECT_EQ(std::filesystem::last_write_time(instance_path(state_, "web-1")), written);
  EXPECT_TRUE(has_children()) << "the reader reaped";
}

}  // namespace
}  // namespace autoscaler
