#include "tests/controller/process/process_fixture.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using TerminateTest = ProcessTest;

TEST_F(TerminateTest, AnUnknownInstanceIsStoppedAlready) {
  EXPECT_FALSE(terminate("web-9", at(0)));
  EXPECT_FALSE(terminate("../web-9", at(0)));
}

TEST_F(TerminateTest, AnInstanceIsAskedToStopThenGoneWithItsFile) {
  ProcessWriter writer(config_, state_);
  ASSERT_FALSE(apply(writer, Launch{"web", "web-1"}, at(0)));
  ASSERT_TRUE(wait_for_log("web-1", "ready"));
  ASSERT_FALSE(apply(writer, Terminate{"web", "web-1"}, at(10)));
  ASSERT_TRUE(wait_until([&] { return !observe().at(0).running; }));
  EXPECT_EQ(*observe().at(0).exit, "signal 15");
  EXPECT_TRUE(observe().at(0).terminating);
  ASSERT_FALSE(apply(writer, Terminate{"web", "web-1"}, at(11)));
  EXPECT_TRUE(observe().empty());
  EXPECT_FALSE(has_file("web-1"));
  EXPECT_FALSE(has_children()) << "its zombie was not reaped";
}

TEST_F(TerminateTest, OneThatIgnoresTheRequestIsKilledAfterTheGraceByTheGivenTime) {
  run({"stubborn"});
  ProcessWriter writer(config_, state_);
  ASSERT_FALSE(apply(writer, Launch{"web", "web-1"}, at(0)));
  ASSERT_TRUE(wait_for_log("web-1", "ready"));
  for (int second = 10; second < 40; ++second) {
    ASSERT_FALSE(apply(writer, Terminate{"web", "web-1"}, at(second)));
  }
  ASSERT_TRUE(observe().at(0).running);
  EXPECT_TRUE(observe().at(0).terminating);
  ASSERT_FALSE(apply(writer, Terminate{"web", "web-1"}, at(40)));
  ASSERT_TRUE(wait_until([&] { return !observe().at(0).running; }));
  EXPECT_EQ(*observe().at(0).exit, "signal 9");
}

TEST_F(TerminateTest, TheGraceGoesOnOverARestart) {
  run({"stubborn"});
  ASSERT_FALSE(launch("web-1", at(0)));
  ASSERT_TRUE(wait_for_log("web-1", "ready"));
  ASSERT_FALSE(terminate("web-1", at(10)));  // each of these is a writer of its own
  ASSERT_FALSE(terminate("web-1", at(39)));
  EXPECT_TRUE(observe().at(0).running);
  ASSERT_FALSE(terminate("web-1", at(40)));
  EXPECT_TRUE(wait_until([&] { return !observe().at(0).running; }));
}

TEST_F(TerminateTest, AClockSetBackOverARestartNeitherKillsEarlyNorWaitsForEver) {
  run({"stubborn"});
  ASSERT_FALSE(launch("web-1", at(0)));
  ASSERT_TRUE(wait_for_log("web-1", "ready"));
  ASSERT_FALSE(terminate("web-1", at(10'000)));
  ASSERT_FALSE(terminate("web-1", at(100)));
  ASSERT_FALSE(terminate("web-1", at(129)));
  EXPECT_TRUE(observe().at(0).running);
  ASSERT_FALSE(terminate("web-1", at(130)));
  EXPECT_TRUE(wait_until([&] { return !observe().at(0).running; }));
}

TEST_F(TerminateTest, WhatTheCommandLeftBehindIsKilledBeforeItsFileGoes) {
  run({"parent"});
  ProcessWriter writer(config_, state_);
  ASSERT_FALSE(apply(writer, Launch{"web", "web-1"}, at(0)));
  ASSERT_TRUE(wait_for_log("web-1", "ready"));
  ASSERT_EQ(find_marked_processes(state_).size(), 2u);
  ASSERT_FALSE(apply(writer, Terminate{"web", "web-1"}, at(1)));
  ASSERT_TRUE(wait_until([&] { return !observe().at(0).running; }));
  ASSERT_EQ(find_marked_processes(state_).size(), 1u);
  ASSERT_FALSE(apply(writer, Terminate{"web", "web-1"}, at(2)));
  EXPECT_TRUE(has_file("web-1")) << "gone before it was seen that nothing is left";
  ASSERT_TRUE(wait_until([&] {
    EXPECT_FALSE(apply(writer, Terminate{"web", "web-1"}, at(2)));
    return !has_file("web-1");
  }));
  EXPECT_TRUE(find_marked_processes(state_).empty());
}

TEST_F(TerminateTest, AfterTheGraceTheWholeFamilyIsKilled) {
  run({"parent"});
  ASSERT_FALSE(launch("web-1", at(0)));
  ASSERT_TRUE(wait_for_log("web-1", "ready"));
  kill(file_of("web-1").pid, SIGSTOP);  // neither of the two reacts to SIGTERM now
  ASSERT_FALSE(terminate("web-1", at(1)));
  ASSERT_FALSE(terminate("web-1", at(31)));
  EXPECT_TRUE(wait_until([&] { return find_marked_processes(state_).empty(); }));
}

TEST_F(TerminateTest, OneThatIsStoppedLeavesTheOthersAlone) {
  ProcessWriter writer(config_, state_);
  const std::vector<Change> launches = {Launch{"web", "web-1"}, Launch{"web", "web-10"}};
  for (const auto& result : writer.apply(launches, at(0))) ASSERT_FALSE(result.error);
  target().stop_grace = Duration(0);
  ProcessWriter hasty(config_, state_);
  ASSERT_TRUE(wait_until([&] {
    EXPECT_FALSE(apply(hasty, Terminate{"web", "web-1"}, at(1)));
    return !has_file("web-1");
  }));
  const auto seen = observe();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].instance, "web-10");
  EXPECT_TRUE(seen[0].running);
}

TEST_F(TerminateTest, WithAFullDiskItIsStoppedAllTheSame) {
  run({"stubborn"});
  ProcessWriter writer(config_, state_);
  ASSERT_FALSE(apply(writer, Launch{"web", "web-1"}, at(0)));
  ASSERT_TRUE(wait_for_log("web-1", "ready"));
  // A folder in the way of the draft: the file cannot be written, whoever we are.
  std::filesystem::create_directory(instance_path(state_, "web-1") + ".new");
  EXPECT_TRUE(apply(writer, Terminate{"web", "web-1"}, at(10)));  // says that it could not note it
  EXPECT_FALSE(apply(writer, Terminate{"web", "web-1"}, at(39)));
  EXPECT_TRUE(observe().at(0).running);
  EXPECT_FALSE(apply(writer, Terminate{"web", "web-1"}, at(40)));
  EXPECT_TRUE(wait_until([&] { return !observe().at(0).running; }));
}

}  // namespace
}  // namespace autoscaler
