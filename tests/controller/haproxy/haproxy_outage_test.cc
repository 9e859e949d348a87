#include "tests/base/raw_server.h"
#include "tests/controller/haproxy/balanced_shop.h"
#include "tests/controller/haproxy/upstream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using State = BackendObservation::State;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(HaproxyOutage, ARestartLosesTheServersAndTheyCanBeAttachedAgain) {
  Upstream one("one");
  BalancedShop shop;
  ASSERT_TRUE(shop.attach_until_up("shop-1", one.address()));

  shop.haproxy.stop();
  const BalancerObservation gone = shop.reader.observe(shop.now);
  EXPECT_THAT(gone.backends, IsEmpty());
  ASSERT_THAT(gone.unreachable, SizeIs(1));
  EXPECT_EQ(gone.unreachable[0].first, "shop");
  EXPECT_EQ(gone.unreachable[0].second.code, Code::kUnavailable);
  EXPECT_THAT(gone.unreachable[0].second.message, HasSubstr(shop.haproxy.socket()));
  EXPECT_EQ(shop.attach("shop-1", one.address())->code, Code::kUnavailable);
  EXPECT_EQ(shop.detach("shop-1")->code, Code::kUnavailable);

  shop.haproxy.start();
  const BalancerObservation back = shop.reader.observe(shop.now);
  EXPECT_THAT(back.backends, IsEmpty());
  EXPECT_THAT(back.unreachable, IsEmpty());
  EXPECT_TRUE(shop.attach_until_up("shop-1", one.address()));
}

TEST(HaproxyOutage, AStoppedHaproxyIsUnreachableAndKnownAgainWhenItGoesOn) {
  Upstream one("one");
  BalancedShop shop;
  ASSERT_TRUE(shop.attach_until_up("shop-1", one.address()));
  Config impatient = shop.config;
  impatient.workloads[0].balancer->timeout = std::chrono::milliseconds(50);
  HaproxyReader reader(impatient);
  HaproxyWriter writer(impatient);

  shop.haproxy.pause();
  const BalancerObservation hanging = reader.observe(shop.now);
  ASSERT_THAT(hanging.unreachable, SizeIs(1));
  EXPECT_EQ(hanging.unreachable[0].second.code, Code::kTimeout);
  const Change drain[] = {Drain{"shop", "shop-1"}};
  EXPECT_EQ(writer.apply(drain, shop.now).at(0).error->code, Code::kTimeout);

  shop.haproxy.resume();
  EXPECT_TRUE(shop.becomes("shop-1", State::kUp));
}

// Counted, not timed: a HAProxy that never answers is asked once in a batch.
TEST(HaproxyOutage, ABatchWaitsForOneTimeoutAndNoMore) {
  const RawServer hanging([](RawConnection& connection) { connection.wait_until_closed(); });
  const std::string socket = "127.0.0.1:" + std::to_string(hanging.port());
  Config config;
  std::vector<Change> changes;
  for (int i = 0; i < 20; ++i) {
    const std::string name = "shop-" + std::to_string(i);
    config.workloads.push_back(behind_haproxy(name, socket, "app-" + std::to_string(i)));
    config.workloads.back().balancer->timeout = std::chrono::milliseconds(50);
    changes.push_back(Attach{name, name + "-1", "127.0.0.1:80"});
  }
  HaproxyReader reader(config);
  HaproxyWriter writer(config);

  EXPECT_THAT(reader.observe(Instant{}).unreachable, SizeIs(20));
  // A timeout may be over before the other side has taken the connection.
  EXPECT_TRUE(eventually([&] { return hanging.accepted() > 0; }));
  EXPECT_EQ(hanging.accepted(), 1);
  for (const ChangeResult& result : writer.apply(changes, Instant{})) {
    ASSERT_TRUE(result.error);
    EXPECT_EQ(result.error->code, Code::kTimeout);
  }
  EXPECT_TRUE(eventually([&] { return hanging.accepted() > 1; }));
  EXPECT_EQ(hanging.accepted(), 2);
}

TEST(HaproxyOutage, ABatchThatHangsInTheMiddleWaitsForOneTimeoutToo) {
  const RawServer hanging([](RawConnection& connection) {
    connection.read_line();
    if (connection.request().starts_with("show servers state")) {
      connection.send(
          "1\n# be_id be_name srv_name srv_addr srv_port srv_op_state srv_admin_state "
          "srv_check_status\n");
    } else if (connection.request().starts_with("show stat")) {
      connection.send("# pxname,svname,scur,type,algo,\napp,BACKEND,0,1,leastconn,\n");
    } else {
      connection.wait_until_closed();
    }
  });
  Config config;
  config.workloads.push_back(
      behind_haproxy("shop", "127.0.0.1:" + std::to_string(hanging.port()), "app"));
  config.workloads[0].balancer->timeout = std::chrono::seconds(3);
  HaproxyWriter writer(config);
  std::vector<Change> changes;
  for (int i = 0; i < 20; ++i) {
    changes.push_back(Attach{"shop", "shop-" + std::to_string(i), "127.0.0.1:80"});
  }
  for (const ChangeResult& result : writer.apply(changes, Instant{})) {
    ASSERT_TRUE(result.error);
    EXPECT_EQ(result.error->code, Code::kTimeout);
  }
  EXPECT_TRUE(eventually([&] { return hanging.accepted() > 2; }));
  EXPECT_EQ(hanging.accepted(), 3) << "two to see what is there, and one that hung";
}

TEST(HaproxyOutage, OneThatIsGoneLeavesTheOthersAlone) {
  Upstream one("one");
  BalancedShop shop;
  ASSERT_TRUE(shop.attach_until_up("shop-1", one.address()));
  Config config = shop.config;
  config.workloads.push_back(behind_haproxy("other", shop.haproxy.socket() + ".gone", "app"));
  HaproxyReader reader(config);
  HaproxyWriter writer(config);

  const BalancerObservation observed = reader.observe(shop.now);
  ASSERT_THAT(observed.unreachable, SizeIs(1));
  EXPECT_EQ(observed.unreachable[0].first, "other");
  EXPECT_THAT(observed.backends, SizeIs(1));
  const Change changes[] = {Drain{"other", "other-1"}, Drain{"shop", "shop-1"}};
  const auto results = writer.apply(changes, shop.now);
  EXPECT_TRUE(results[0].error);
  EXPECT_FALSE(results[1].error);
  EXPECT_TRUE(shop.is("shop-1", State::kDraining));
}

TEST(HaproxyOutage, ABackendThatIsNotThereMakesItsWorkloadUnknown) {
  BalancedShop shop;
  Config config = shop.config;
  config.workloads.push_back(behind_haproxy("other", shop.haproxy.socket(), "nowhere"));
  HaproxyReader reader(config);
  HaproxyWriter writer(config);

  const BalancerObservation observed = reader.observe(shop.now);
  ASSERT_THAT(observed.unreachable, SizeIs(1));
  EXPECT_EQ(observed.unreachable[0].first, "other");
  EXPECT_EQ(observed.unreachable[0].second.code, Code::kNotFound);
  EXPECT_THAT(observed.unreachable[0].second.message, HasSubstr("no backend 'nowhere'"));
  const Change attach[] = {Attach{"other", "other-1", "127.0.0.1:80"}};
  EXPECT_EQ(writer.apply(attach, shop.now).at(0).error->code, Code::kNotFound);
}

TEST(HaproxyOutage, TwoWorkloadsShareASocketAndKeepTheirServersApart) {
  Upstream one("one");
  HaproxyProcess haproxy(
      "backend app\n  balance leastconn\nfrontend pay\n  bind 127.0.0.1:{port}\n"
      "  default_backend pay\nbackend pay\n  balance leastconn\n");
  Config config;
  config.workloads.push_back(behind_haproxy("pay", haproxy.socket(), "pay"));
  config.workloads.push_back(behind_haproxy("shop", haproxy.socket(), "app"));
  HaproxyReader reader(config);
  HaproxyWriter writer(config);
  const Change changes[] = {Attach{"shop", "shop-1", one.address()},
                            Attach{"pay", "pay-2", one.address()},
                            Attach{"pay", "pay-1", one.address()}};
  for (const ChangeResult& result : writer.apply(changes, Instant{})) EXPECT_FALSE(result.error);
  const auto backends = reader.observe(Instant{}).backends;
  ASSERT_THAT(backends, SizeIs(3));
  EXPECT_EQ(backends[0].workload + " " + backends[0].instance, "pay pay-1");
  EXPECT_EQ(backends[1].workload + " " + backends[1].instance, "pay pay-2");
  EXPECT_EQ(backends[2].workload + " " + backends[2].instance, "shop shop-1");
}

}  // namespace
}  // namespace autoscaler
