#include "controller/kubernetes/kubernetes_reader.h"
#include "controller/kubernetes/kubernetes_writer.h"
#include "tests/controller/kubernetes/on_both_servers.h"

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kBudget{300};

class BudgetTest : public OnBothServers {
 protected:
  // More than are asked or written at the same time: two rounds.
  void targets(const std::string& kind, const std::string& api_version) {
    for (int i = 100; i < 140; ++i) {
      KubernetesTarget target;
      target.name_space = space_;
      target.kind = kind;
      target.api_version = api_version;
      target.name = "web-" + std::to_string(i);
      config_.workloads.emplace_back();
      config_.workloads.back().spec.name = target.name;
      config_.workloads.back().target = target;
    }
  }
  // Each request for itself may take 10 s.
  Config config_;
  WrittenScales written_;
};
INSTANTIATE_TEST_SUITE_P(Server, BudgetTest, kBothServers, server_name);

TEST_P(BudgetTest, AServerThatHangsHoldsUpTheWritesOfATickForOneBudget) {
  targets("Deployment", "apps/v1");
  std::vector<Change> changes;
  for (const WorkloadConfig& workload : config_.workloads) {
    changes.push_back(Resize{workload.spec.name, 2, 3, "1", {}});
  }
  const auto client_ = client("admin-token");
  ResourceNames names(*client_);
  KubernetesWriter writer(config_, *client_, names, written_, kBudget);
  server_->pause();
  const auto begin = steady_clock::now();
  const auto results = writer.apply(changes, wall_clock());
  const auto took = steady_clock::now() - begin;
  server_->resume();
  EXPECT_LT(took, ApiSettings{}.deadline);
  int left_over = 0;
  for (const ChangeResult& result : results) {
    ASSERT_TRUE(result.error);
    const bool is_sent = result.error->code == Code::kTimeout;
    EXPECT_TRUE(is_sent || result.error->code == Code::kExhausted) << result.error->message;
    left_over += result.error->message.find("the next one decides anew") != std::string::npos;
  }
  EXPECT_GE(left_over, 8);
}

TEST_P(BudgetTest, AServerThatHangsHoldsUpTheQuestionsOfATickForOneBudget) {
  targets("Crawler", space_ + ".example.com/v1");
  const auto client_ = client("admin-token");
  ResourceNames names(*client_);
  FollowedCollections collections(*client_, wall_clock);
  KubernetesReader reader(config_, *client_, names, written_, collections, 1, kBudget);
  reader.wait_until_known(std::chrono::seconds(60));
  server_->pause();
  const auto begin = steady_clock::now();
  const auto seen = reader.observe(wall_clock());
  const auto took = steady_clock::now() - begin;
  server_->resume();
  EXPECT_LT(took, ApiSettings{}.deadline);
  ASSERT_TRUE(seen.ok()) << seen.error().message;
  EXPECT_EQ(seen->unreadable.size(), 40u);
}

}  // namespace
}  // namespace autoscaler
