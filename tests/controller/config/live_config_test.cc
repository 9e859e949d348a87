#include "controller/config/live_config.h"

#include "tests/controller/config/scaling_policy.h"
#include "tests/fakes/temp_directory.h"

#include <gmock/gmock.h>

#include <fstream>

namespace autoscaler {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

std::string file_text(int max, const char* policies = "policies: {}") {
  return "controller: {kubernetes: {" + std::string(policies) + R"(}}
workloads:
  - name: worker
    target: {process: {command: [/bin/true, "{port}"], ports: 9000-9039}}
    replicas: {min: 2, max: )" +
         std::to_string(max) + R"(}
    signals: {cpu: {source: scrape, gauge: cpu}}
    policies: [{track: {signal: cpu, target: 5}}]
)";
}

class LiveConfigTest : public testing::Test {
 protected:
  LiveConfigTest() {
    write(file_text(4));
    CHECK(config_.load(now_).empty());
  }
  void write(const std::string& text) const { std::ofstream(path_) << text; }
  std::optional<LiveConfig::Next> look() {
    now_ += seconds(2);
    return config_.look(now_);
  }
  // What the next look says, taken up.
  std::vector<std::string> take_up() {
    const auto next = look();
    std::vector<std::string> lines;
    if (!next) return lines;
    for (const ConfigDiffLine& line : describe(next->diff)) lines.push_back(line.text);
    config_.taken_up(now_);
    EXPECT_EQ(config_.running(), next->config);
    return lines;
  }
  std::vector<std::string> running() const {
    std::vector<std::string> names;
    for (const WorkloadConfig& workload : config_.running()->workloads) {
      names.push_back(workload.spec.name);
    }
    return names;
  }

  TempDirectory directory_;
  const std::string path_ = directory_.path() + "/config.yaml";
  LiveConfig config_{path_};
  Instant now_ = Instant{} + std::chrono::hours(500'000);
};

TEST_F(LiveConfigTest, ObjectsComeChangeAndGo) {
  EXPECT_FALSE(look());
  config_.policies({policy("checkout", good_spec(4))});
  EXPECT_THAT(take_up(), ElementsAre("shop/checkout: added"));
  EXPECT_THAT(running(), ElementsAre("shop/checkout", "worker"));
  EXPECT_FALSE(look()) << "it runs";
  config_.policies({policy("checkout", good_spec(7), 1, 2)});
  EXPECT_THAT(take_up(), ElementsAre("shop/checkout: replicas.max 4 -> 7"));
  config_.policies({});
  EXPECT_THAT(take_up(), ElementsAre("shop/checkout: removed"));
  EXPECT_THAT(running(), ElementsAre("worker"));
}

TEST_F(LiveConfigTest, ABadObjectChangesNothingButItsState) {
  config_.policies({policy("checkout", good_spec(4))});
  take_up();
  const auto before = config_.states();
  nlohmann::json bad = good_spec();
  bad["replicas"]["max"] = 1;
  config_.policies({policy("checkout", bad, 1, 2)});
  EXPECT_FALSE(look());
  EXPECT_NE(config_.states(), before);
  EXPECT_TRUE(config_.states()->at(0).last_good_runs);
  EXPECT_EQ(config_.running()->workloads[0].spec.bounds.max, 4);
}

TEST_F(LiveConfigTest, AWrongFileHoldsNoObjectUp) {
  write(file_text(1));
  EXPECT_FALSE(look());
  EXPECT_FALSE(config_.status().problems.empty());
  config_.policies({policy("checkout", good_spec())});
  EXPECT_THAT(take_up(), ElementsAre("shop/checkout: added"));
  EXPECT_FALSE(config_.status().problems.empty());
}

TEST_F(LiveConfigTest, AFileThatIsRefusedHoldsNoObjectUp) {
  write(file_text(5));
  config_.policies({policy("checkout", good_spec())});
  ASSERT_TRUE(look());
  config_.refused({"no backend"}, now_);
  EXPECT_THAT(take_up(), ElementsAre("shop/checkout: added"));
  EXPECT_THAT(config_.status().problems, ElementsAre("no backend"));
  now_ += seconds(30);
  EXPECT_THAT(take_up(), ElementsAre("worker: replicas.max 4 -> 5"));
  EXPECT_THAT(running(), ElementsAre("shop/checkout", "worker"));
  EXPECT_THAT(config_.status().problems, IsEmpty());
}

TEST_F(LiveConfigTest, ObjectsThatAreRefusedAreOfferedAgain) {
  config_.policies({policy("checkout", good_spec())});
  const auto next = look();
  ASSERT_TRUE(next);
  EXPECT_FALSE(next->of_file);
  config_.refused({"no access"}, now_);
  EXPECT_FALSE(look());
  EXPECT_THAT(config_.status().problems, IsEmpty()) << "the file is good";
  now_ += seconds(30);
  EXPECT_THAT(take_up(), ElementsAre("shop/checkout: added"));
}

TEST_F(LiveConfigTest, WithoutTheSectionThereAreNone) {
  config_.policies({policy("checkout", good_spec())});
  take_up();
  write(file_text(4, "qps: 20"));
  EXPECT_THAT(take_up(), testing::Contains("shop/checkout: removed"));
  EXPECT_THAT(running(), ElementsAre("worker"));
  EXPECT_THAT(*config_.states(), IsEmpty());
}

}  // namespace
}  // namespace autoscaler
