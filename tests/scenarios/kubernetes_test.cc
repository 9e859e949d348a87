// A Deployment, which starts and replaces its pods itself.
#include "tests/scenarios/story.h"

namespace autoscaler {
namespace {

class Kubernetes : public Story {
 protected:
  static std::string deployment(const std::vector<std::string>& more = {"warmup: 30s"}) {
    std::string yaml = shop({kCpu}, {kTrackCpu}, more);
    const auto line = [&yaml](const std::string& begins) {
      const size_t at = yaml.find("    " + begins);
      return std::pair(at, yaml.find('\n', at) + 1 - at);
    };
    for (const char* key : {"loadBalancer", "drainDeadline"}) {
      const auto [at, length] = line(key);
      yaml.erase(at, length);
    }
    const auto [at, length] = line("target");
    return yaml.replace(at, length, "    target: {kubernetes: {namespace: store, name: shop}}\n");
  }
};

TEST_F(Kubernetes, follows_its_load_with_one_write_for_each_size) {
  begin(deployment(), 480);
  EXPECT_EQ(size(), 8);
  const int64_t before = sim_->scale.writes;
  load_ = 900;
  const std::vector<std::string> lines = run(20min);
  EXPECT_EQ(lines.back(), std::to_string(size()) + " on_target");
  EXPECT_NEAR(size(), 15, 1);
  const auto resizes = static_cast<int64_t>(lines.size()) - 1;
  EXPECT_EQ(sim_->scale.writes - before, resizes);
  EXPECT_EQ(in_service(), size());
  run(60min);
  EXPECT_EQ(sim_->scale.writes - before, resizes) << "at rest nothing is written";
}

TEST_F(Kubernetes, is_sized_by_the_rules_of_the_hpa_where_it_is_told_to) {
  std::string yaml = deployment({"compatibility: hpa"});
  yaml.replace(yaml.find(kCpu), kCpu.size(), "cpu: {source: kubernetes, resource: cpu}");
  begin(yaml, 480);
  EXPECT_EQ(size(), 8);
  load_ = 900;
  run(20min);
  EXPECT_NEAR(size(), 15, 1);
  EXPECT_EQ(last_->decision.proposals.at(0).target, 60) << "averageUtilization";
}

TEST_F(Kubernetes, rolls_out_with_a_surge_and_no_change_of_the_size) {
  Release heavy;
  heavy.startup_burn = 60s;
  heavy.warm_up = 60s;
  begin(deployment({"warmup: 90s"}), 900, heavy);
  const int32_t before = size();
  const int64_t writes = sim_->scale.writes;
  sim_->service.deploy(heavy);
  run(1min);
  EXPECT_GT(last_->instances.size(), static_cast<size_t>(before)) << "the surge";
  EXPECT_THAT(run(30min), Each(StartsWith(std::to_string(before) + " ")));
  EXPECT_EQ(launched(), before);
  EXPECT_EQ(sim_->scale.writes, writes);
  EXPECT_LT(failed(), 0.001) << "of what the last moment of a pod held";
}

TEST_F(Kubernetes, where_somebody_writes_in_between_is_decided_anew_from_his_size) {
  begin(deployment(), 480);
  EXPECT_EQ(size(), 8);
  const int64_t writes = sim_->scale.writes;
  bool is_first = true;
  sim_->scale.before_write = [&] {
    if (std::exchange(is_first, false)) sim_->scale.write(30);
  };
  load_ = 900;
  run(3min);
  EXPECT_FALSE(is_first);
  EXPECT_EQ(sim_->scale.writes, writes) << "30 is enough, and stands while its window lasts";
  EXPECT_EQ(last_->workload.size, 30);
  run(20min);
  EXPECT_NEAR(size(), 15, 2);
}

}  // namespace
}  // namespace autoscaler
