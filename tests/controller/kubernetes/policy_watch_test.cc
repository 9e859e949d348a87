#include "controller/kubernetes/policy_watch.h"

#include "tests/controller/config/scaling_policy.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

class PolicyCollectionTest : public testing::Test {
 protected:
  std::optional<size_t> changed() {
    const auto documents = objects_.changed();
    return documents ? std::optional(documents->size()) : std::nullopt;
  }
  void list(const std::vector<nlohmann::json>& all) {
    objects_.begin_list();
    for (const nlohmann::json& each : all) ASSERT_TRUE(objects_.list(each).ok());
    objects_.end_list();
    objects_.heard();
  }

  Instant now_ = Instant{} + std::chrono::hours(500'000);
  PolicyCollection objects_{[this] { return now_; }};
};

TEST_F(PolicyCollectionTest, TheFirstListIsTakenAtOnce) {
  EXPECT_FALSE(objects_.wait_until_told(milliseconds(0)));
  EXPECT_EQ(changed(), std::nullopt);
  list({policy_object("a", good_spec())});
  EXPECT_TRUE(objects_.wait_until_told(milliseconds(0)));
  EXPECT_EQ(changed(), 1u);
  EXPECT_EQ(changed(), std::nullopt);
}

TEST_F(PolicyCollectionTest, AnEmptyListIsOneToo) {
  list({});
  EXPECT_EQ(changed(), 0u);
}

TEST_F(PolicyCollectionTest, ABurstIsOneChangeAndOneThatDoesNotEndIsTakenEveryTenSeconds) {
  list({});
  changed();
  int taken = 0;
  for (int i = 0; i < 250; ++i) {  // 25 s of ten objects a second
    objects_.put(policy_object("p" + std::to_string(i), good_spec()));
    now_ += milliseconds(100);
    taken += changed().has_value() ? 1 : 0;
  }
  EXPECT_EQ(taken, 2);
  now_ += seconds(1);
  EXPECT_EQ(changed(), 250u);
}

TEST_F(PolicyCollectionTest, AStatusIsNoChangeAndASpecIs) {
  list({policy_object("a", good_spec())});
  changed();
  nlohmann::json told = policy_object("a", good_spec());
  told["status"] = {{"currentReplicas", 3}};
  objects_.put(told);
  now_ += seconds(5);
  EXPECT_EQ(changed(), std::nullopt);
  list({told});
  now_ += seconds(5);
  EXPECT_EQ(changed(), std::nullopt) << "the same in a list";
  objects_.put(policy_object("a", good_spec(), 1, 2));
  now_ += seconds(5);
  EXPECT_EQ(changed(), 1u);
  objects_.erase(policy_object("a", good_spec(), 1, 2));
  now_ += seconds(5);
  EXPECT_EQ(changed(), 0u);
}

TEST_F(PolicyCollectionTest, AServerThatIsAwayTakesNothingAway) {
  list({policy_object("a", good_spec())});
  EXPECT_EQ(changed(), 1u);
  objects_.failed({Code::kUnavailable, "refused"});
  objects_.begin_list();
  now_ += std::chrono::hours(1);
  EXPECT_EQ(changed(), std::nullopt);
  EXPECT_EQ(objects_.problem()->message, "refused");
  list({});
  now_ += seconds(1);
  EXPECT_EQ(changed(), 0u) << "a list that says so";
  EXPECT_EQ(objects_.problem(), std::nullopt);
}

TEST_F(PolicyCollectionTest, ADefinitionThatIsNotInstalledIsNamed) {
  objects_.failed({Code::kNotFound, "404"});
  EXPECT_TRUE(objects_.wait_until_told(milliseconds(0)));
  EXPECT_THAT(objects_.problem()->message, HasSubstr("autoscaler schema --crd | kubectl apply"));
}

}  // namespace
}  // namespace autoscaler
