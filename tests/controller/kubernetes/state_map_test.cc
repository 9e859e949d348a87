#include "controller/kubernetes/state_map.h"

#include "tests/controller/kubernetes/on_both_servers.h"

#include <gmock/gmock.h>

#include <atomic>

namespace autoscaler {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::ElementsAre;

class StateMapTest : public OnBothServers {
 protected:
  void start() {
    map_.reset();
    client_ = client("admin-token");
    map_ = std::make_unique<StateMap>(
        *client_, space_, "state", [this] { return wall_clock() + later_.load(); },
        [this](const Error&) { ++reports_; });
  }
  void TearDown() override {
    EXPECT_EQ(reports_, expected_);
    OnBothServers::TearDown();
  }
  void put(const std::string& workload, int number) {
    map_->put(workload, {R"({"n":)" + std::to_string(number) + "}", "{}"});
    ASSERT_TRUE(map_->flush(10s));
  }
  std::vector<std::string> keys() const {
    std::vector<std::string> all;
    const json object = json::parse(admin_->get(path("configmaps", "state")).body);
    for (const auto& [key, text] : object["data"].items()) all.push_back(key);
    return all;
  }

  std::atomic<Duration> later_{0s};
  std::atomic<int> reports_ = 0;
  int expected_ = 0;
  std::unique_ptr<ApiClient> client_;
  std::unique_ptr<StateMap> map_;
};
INSTANTIATE_TEST_SUITE_P(Server, StateMapTest, kBothServers, server_name);

TEST_P(StateMapTest, AKeyThatTheConfigHasNotNamedForAnHourGoesWithTheNextWrite) {
  start();
  map_->keep({"shop/a", "shop/b"});
  put("shop/a", 1);
  put("shop/b", 1);
  map_->keep({"shop/a"});
  put("shop/a", 2);
  EXPECT_THAT(keys(), ElementsAre("shop_2Fa", "shop_2Fb")) << "it may come back";
  later_ = 59min;
  put("shop/a", 3);
  EXPECT_THAT(keys(), ElementsAre("shop_2Fa", "shop_2Fb"));
  later_ = 61min;
  put("shop/a", 4);
  EXPECT_THAT(keys(), ElementsAre("shop_2Fa"));
}

TEST_P(StateMapTest, OneThatIsNamedAgainStays) {
  start();
  map_->keep({"shop/a", "shop/b"});
  put("shop/b", 1);
  map_->keep({"shop/a"});
  put("shop/a", 1);
  later_ = 50min;
  map_->keep({"shop/a", "shop/b"});
  put("shop/a", 2);
  later_ = 90min;
  map_->keep({"shop/a"});
  put("shop/a", 3);
  EXPECT_THAT(keys(), ElementsAre("shop_2Fa", "shop_2Fb")) << "gone for no hour on end";
}

// A leader that could not list the ScalingPolicies yet names none of them.
TEST_P(StateMapTest, WhoLeadsNextReadsAndKeepsWhatItsConfigDoesNotName) {
  start();
  put("shop/b", 1);
  start();
  StateMap::Documents found;
  ASSERT_EQ(map_->read(*client_, 5s, found), std::nullopt);
  EXPECT_EQ(found.at("shop/b").hand_over, R"({"n":1})");
  map_->keep({"other"});
  put("other", 1);
  EXPECT_THAT(keys(), ElementsAre("other", "shop_2Fb"));
}

class StateMapFaults : public StateMapTest {};
INSTANTIATE_TEST_SUITE_P(Server, StateMapFaults, kFakeServer, server_name);

TEST_P(StateMapFaults, EachOutageIsSaidOnce) {
  start();
  // The first begins with a GET, the others with a PATCH.
  for (expected_ = 1; expected_ <= 3; ++expected_) {
    faults(R"({"fail": 100000})");
    map_->put("shop", {R"({"n":)" + std::to_string(expected_) + "}", "{}"});
    map_->wake();
    size_t failed = 0;
    ASSERT_TRUE(eventually([&] { return (failed += map_->failures().size()) >= 2; }));
    EXPECT_EQ(reports_, expected_);
    faults(R"({"fail": 0})");
    ASSERT_TRUE(map_->flush(10s));
  }
  expected_ = 3;
}

}  // namespace
}  // namespace autoscaler
