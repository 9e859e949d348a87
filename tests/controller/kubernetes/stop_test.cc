#include "controller/kubernetes/kubernetes_writer.h"
#include "tests/controller/kubernetes/on_both_servers.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

// Sizes that are written to a server that hangs.
class StopTest : public OnBothServers {
 protected:
  void SetUp() override {
    OnBothServers::SetUp();
    if (IsSkipped()) return;
    for (int i = 100; i < 300; ++i) {
      KubernetesTarget target;
      target.name_space = space_;
      target.name = "web-" + std::to_string(i);
      config_.workloads.emplace_back().target = target;
      config_.workloads.back().spec.name = target.name;
      changes_.push_back(Resize{target.name, 2, 3, "1", {}});
    }
  }
  std::vector<ChangeResult> apply(ApiSettings settings) {
    const auto client = this->client("admin-token", std::move(settings));
    ResourceNames names(*client);
    EXPECT_TRUE(
        names.path_of("apps/v1", "Deployment", space_, "web-1", std::chrono::seconds(10)).ok());
    WrittenScales written;
    KubernetesWriter writer(config_, *client, names, written, std::chrono::seconds(20));
    server_->pause();
    auto results = writer.apply(changes_, wall_clock());
    server_->resume();
    return results;
  }

  Config config_;
  std::vector<Change> changes_;
};
INSTANTIATE_TEST_SUITE_P(Server, StopTest, kBothServers, server_name);

TEST_P(StopTest, AStopEndsWritesThatHangAndSendsNoOther) {
  std::stop_source stop;
  std::atomic<int> asked = 0;
  ApiSettings settings;
  settings.deadline = std::chrono::seconds(5);
  settings.stop = stop.get_token();
  settings.may_write_for =
      [&](const WorkloadId&) {  // asked twice for each, the last time as it is sent
        if (++asked == 6) stop.request_stop();
        return std::chrono::nanoseconds::max();
      };
  size_t unknown = 0;
  for (const ChangeResult& result : apply(settings)) {
    ASSERT_TRUE(result.error);
    unknown += result.error->code == Code::kExhausted ? 0 : 1;
  }
  EXPECT_LE(unknown, 8u) << "of those under way nobody knows; the others were not sent";
}

}  // namespace
}  // namespace autoscaler
