#include "tests/controller/process/process_fixture.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

class HealthTest : public ProcessTest {
 protected:
  void launch_serving(const std::string& status) {
    run({"serve", "{port}", status});
    target().health_timeout = std::chrono::seconds(10);
    std::filesystem::remove(root_ + "/logs/web-1.log");
    ASSERT_FALSE(launch("web-1"));
    ASSERT_TRUE(wait_for_log("web-1", "ready"));
  }
  static std::optional<bool> health(ProcessReader& reader) {
    const auto seen = reader.observe(at(0));
    EXPECT_TRUE(seen && seen->instances.size() == 1);
    return seen->instances.at(0).healthy;
  }
};

TEST_F(HealthTest, OnlyA2xxOnTheHealthPathIsHealthy) {
  for (const auto& [status, healthy] : std::map<std::string, bool>{{"200", true},
                                                                   {"204", true},
                                                                   {"299", true},
                                                                   {"302", false},
                                                                   {"404", false},
                                                                   {"503", false}}) {
    launch_serving(status);
    ProcessReader reader(config_, state_);
    EXPECT_EQ(health(reader), std::optional(healthy)) << status;
    EXPECT_TRUE(wait_for_log("web-1", "GET /healthz HTTP/1.1"));
    kill(file_of("web-1").pid, SIGKILL);
    ASSERT_TRUE(wait_until([&] {
      EXPECT_FALSE(terminate("web-1", at(1)));
      return !has_file("web-1");
    }));
  }
}

TEST_F(HealthTest, OneThatNeverAnsweredIsNeitherHealthyNorUnhealthy) {
  ASSERT_FALSE(launch("web-1"));
  ProcessReader reader(config_, state_);
  EXPECT_EQ(health(reader), std::nullopt);
  EXPECT_EQ(health(reader), std::nullopt);
}

TEST_F(HealthTest, OneThatAnsweredAndDoesNotAnyMoreIsUnhealthy) {
  launch_serving("200");
  ProcessReader reader(config_, state_);
  EXPECT_EQ(health(reader), std::optional(true));
  target().health_timeout = std::chrono::milliseconds(50);
  ProcessReader impatient(config_, state_);
  const pid_t pid = file_of("web-1").pid;
  ASSERT_TRUE(wait_until([&] { return health(impatient) == std::optional(true); }));
  kill(pid, SIGSTOP);
  EXPECT_EQ(health(impatient), std::optional(false));
  kill(pid, SIGCONT);
  EXPECT_TRUE(wait_until([&] { return health(impatient) == std::optional(true); }));
}

TEST_F(HealthTest, OneThatExitedIsNotAsked) {
  run({"exit", "0"});
  ASSERT_FALSE(launch("web-1"));
  ASSERT_TRUE(wait_until([&] { return !observe().at(0).running; }));
  EXPECT_EQ(observe().at(0).healthy, std::nullopt);
}

TEST_F(HealthTest, AnInstanceOfAnotherCommandIsOutdated) {
  ASSERT_FALSE(launch("web-1"));
  EXPECT_FALSE(observe().at(0).outdated);
  target().command.push_back("--new");
  EXPECT_TRUE(observe().at(0).outdated);
  EXPECT_TRUE(observe().at(0).running);
}

TEST_F(HealthTest, InstancesAreOrderedByWorkloadThenId) {
  config_.workloads.push_back(workload("api", {"pause"}));
  ProcessWriter writer(config_, state_);
  const std::vector<Change> launches = {Launch{"web", "web-2"}, Launch{"web", "web-1"},
                                        Launch{"api", "z-1"}};
  for (const auto& result : writer.apply(launches, at(0))) ASSERT_FALSE(result.error);
  std::vector<std::string> ids;
  for (const auto& instance : observe()) ids.push_back(instance.instance);
  EXPECT_THAT(ids, testing::ElementsAre("z-1", "web-1", "web-2"));
}

}  // namespace
}  // namespace autoscaler
