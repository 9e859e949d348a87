#include "controller/config/config_diff.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> lines(const std::string& before, const std::string& after) {
  std::vector<std::string> texts;
  for (const ConfigDiffLine& line :
       describe(compare_configs(*config_tree(before), *config_tree(after)))) {
    texts.push_back(line.text);
  }
  return texts;
}

const std::string kTwo = R"(
controller: {interval: 5s}
workloads:
  - {name: shop, replicas: {min: 2, max: 4}, policies: [{track: {signal: rps, target: 5}}]}
  - {name: api, replicas: {min: 1, max: 2}}
)";

TEST(ConfigDiff, WhatIsWrittenElsewhereOrOtherwiseIsTheSame) {
  EXPECT_THAT(lines(kTwo, R"(# a comment
workloads: [{name: api, replicas: {max: 2, min: 1}}]
---
controller: {"interval": "5s"}
workloads:
  - name: shop
    policies: [{track: {target: 5, signal: rps}}]
    replicas: {min: 2, max: 4}
)"),
              IsEmpty());
}

TEST(ConfigDiff, EachWorkloadHasALine) {
  EXPECT_THAT(
      lines(kTwo, R"(
controller: {interval: 2s}
workloads:
  - {name: shop, replicas: {min: 2, max: 6}, policies: [{track: {signal: rps, target: 6}}], warmup: 3s}
  - {name: web, replicas: {min: 1, max: 2}}
)"),
      ElementsAre("controller.interval 5s -> 2s", "api: removed",
                  "shop: replicas.max 4 -> 6; policies[0].track.target 5 -> 6; warmup 3s added",
                  "web: added"));
}

TEST(ConfigDiff, ASecretThatChangesIsSeenAndNotShown) {
  const auto with = [](const std::string& password) {
    return "workloads: [{name: shop, target: {process: {env: {DB_PASSWORD: " + password +
           ", COLOR: red}}}}]";
  };
  EXPECT_THAT(lines(with("old-pass"), with("new-pass")),
              ElementsAre("shop: target.process.env.DB_PASSWORD (redacted) -> (redacted)"));
  const std::string none = "workloads: [{name: shop, target: {process: {port: 1}}}]";
  EXPECT_THAT(lines(none, with("new-pass")),
              ElementsAre("shop: target.process.port 1 removed; target.process.env "
                          R"x({"DB_PASSWORD":"(redacted)","COLOR":"red"} added)x"));
}

TEST(ConfigDiff, ALongLineIsCutAndCounted) {
  std::string before = "workloads: [{name: shop", after = before;
  for (int i = 0; i < 15; ++i) {
    before += ", k" + std::to_string(i) + ": 1";
    after += ", k" + std::to_string(i) + ": " + std::string(100, '2');
  }
  const std::vector<std::string> found = lines(before + "}]", after + "}]");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0], testing::EndsWith(std::string(80, '2') + "...; and 3 more"));
}

TEST(ConfigDiff, TellsWhatItTouches) {
  const auto touches = [](const std::string& before, const std::string& after, const char* path) {
    return compare_configs(*config_tree(before), *config_tree(after)).touches(path);
  };
  const std::string slow = "sources: {scrape: {interval: 5s}}",
                    fast = "sources: {scrape: {interval: 1s}}";
  EXPECT_TRUE(touches(slow, fast, "sources.scrape"));
  EXPECT_TRUE(touches(slow, fast, "sources"));
  EXPECT_TRUE(touches("{}", fast, "sources.scrape.interval")) << "what holds it is new";
  EXPECT_FALSE(touches(slow, fast, "sources.prometheus"));
  EXPECT_FALSE(touches(slow, fast, "sources.scr"));
}

}  // namespace
}  // namespace autoscaler
