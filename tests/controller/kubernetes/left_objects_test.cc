#include "controller/kubernetes/left_objects.h"

#include "tests/controller/kubernetes/on_both_servers.h"
#include "tests/controller/kubernetes/scaling_policies.h"

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class LeftObjectsTest : public OnBothServers {
 protected:
  void SetUp() override {
    OnBothServers::SetUp();
    if (IsSkipped()) return;
    admin_->create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", kPolicyDefinition);
    ASSERT_TRUE(eventually([&] { return admin_->get(collection()).ok(); }));
  }
  std::string collection() const {
    return "/apis/autoscaler.io/v1alpha1/namespaces/" + space_ + "/scalingpolicies";
  }
  // policy-0 and so on, each with its number in its status; of one more there is none.
  void make(int count) {
    for (int i = 0; i <= count; ++i) {
      objects_.push_back({space_, "policy-" + std::to_string(i), "", 1});
      if (i == count) break;
      const std::string& name = objects_.back().name;
      ASSERT_TRUE(admin_
                      ->create(collection(),
                               R"({"apiVersion":"autoscaler.io/v1alpha1","kind":"ScalingPolicy",)"
                               R"("metadata":{"name":")" +
                                   name + R"("},"spec":{}})")
                      .ok());
      ASSERT_TRUE(admin_
                      ->merge_patch(collection() + "/" + name + "/status",
                                    R"({"status":{"desiredReplicas":)" + std::to_string(i) + "}}")
                      .ok());
    }
  }
  std::optional<ApiError> read(milliseconds deadline) {
    std::vector<const PolicyObject*> asked;
    for (const PolicyObject& object : objects_) asked.push_back(&object);
    found_.clear();
    return read_left_objects(*admin_, asked, deadline, false, found_);
  }

  std::vector<PolicyObject> objects_;
  LeftObjects found_;
};
INSTANTIATE_TEST_SUITE_P(Server, LeftObjectsTest, kBothServers, server_name);

TEST_P(LeftObjectsTest, FewAndManyAreReadAlike) {
  for (const int more : {3, 30}) {
    objects_.clear();
    space_ += more == 30 ? "-many" : "";
    admin_->create("/api/v1/namespaces", R"({"metadata":{"name":")" + space_ + "\"}}");
    make(more);
    ASSERT_EQ(read(seconds(20)), std::nullopt);
    ASSERT_EQ(found_.size(), static_cast<size_t>(more)) << "one is not there";
    const LeftObject& last = found_.at({space_, "policy-" + std::to_string(more - 1)});
    EXPECT_EQ(last.status["desiredReplicas"], more - 1);
    EXPECT_FALSE(last.version.empty());
  }
}

TEST_P(LeftObjectsTest, AServerThatHangsCostsOneDeadlineHoweverManyThereAre) {
  for (int i = 0; i < 16; ++i) objects_.push_back({space_, "policy-" + std::to_string(i), "", 1});
  server_->pause();
  const auto begin = std::chrono::steady_clock::now();
  const auto few = read(seconds(1));
  objects_.push_back({space_, "one-more", "", 1});
  const auto many = read(seconds(1));
  const auto took = std::chrono::steady_clock::now() - begin;
  server_->resume();
  ASSERT_TRUE(few && many);
  EXPECT_EQ(few->reason, ApiReason::kTransport);
  EXPECT_EQ(many->reason, ApiReason::kTransport);
  EXPECT_LT(took, seconds(10)) << "16 one after the other would take 16 s";
}

}  // namespace
}  // namespace autoscaler
