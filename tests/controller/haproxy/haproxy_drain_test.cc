#include "tests/base/raw_client.h"
#include "tests/controller/haproxy/balanced_shop.h"
#include "tests/controller/haproxy/upstream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using State = BackendObservation::State;
using ::testing::HasSubstr;

// With a pool HAProxy keeps idle connections to a server, which stand in the way of its deletion.
constexpr const char* kPool = "pool-max-conn 20 pool-purge-delay 1h";

TEST(HaproxyDrain, LetsTheRequestInFlightFinishAndSendsNoOther) {
  for (const char* options : {"", kPool}) {
    Upstream one("one");
    Upstream two("two");
    BalancedShop shop(BalancedShop::kLines, {.server_options = options});
    ASSERT_TRUE(shop.attach_until_up("shop-1", one.address()));
    RawClient client(shop.haproxy.port());
    client.send("GET /hold HTTP/1.1\r\nHost: test\r\n\r\n");
    one.wait_until_holding();
    ASSERT_TRUE(shop.attach_until_up("shop-2", two.address()));

    ASSERT_FALSE(shop.drain("shop-1"));
    EXPECT_TRUE(shop.is("shop-1", State::kDraining));
    EXPECT_EQ(shop.see("shop-1")->in_flight, 1);
    EXPECT_FALSE(shop.drain("shop-1")) << "a second time changes nothing";
    for (int i = 0; i < 5; ++i) {
      EXPECT_THAT(RawClient(shop.haproxy.port()).get("/"), HasSubstr("two"));
    }
    one.release();
    EXPECT_THAT(client.read_response(), HasSubstr("200 OK"));
    EXPECT_TRUE(eventually([&] { return shop.see("shop-1")->in_flight == 0; }));
    EXPECT_EQ(one.served(), 1);
  }
}

TEST(HaproxyDrain, MovesAKeepAliveClientToAnotherServerWithoutLosingItsConnection) {
  for (const char* options : {"", kPool}) {
    Upstream one("one");
    Upstream two("two");
    BalancedShop shop(BalancedShop::kLines, {.server_options = options});
    ASSERT_TRUE(shop.attach_until_up("shop-1", one.address()));
    RawClient client(shop.haproxy.port());
    ASSERT_THAT(client.get("/"), HasSubstr("one"));
    ASSERT_TRUE(shop.attach_until_up("shop-2", two.address()));

    ASSERT_FALSE(shop.drain("shop-1"));
    EXPECT_THAT(client.get("/"), HasSubstr("two"));
    ASSERT_TRUE(eventually([&] { return !shop.detach("shop-1"); }));
    EXPECT_THAT(client.get("/"), HasSubstr("two"));
    EXPECT_EQ(one.served(), 1);
  }
}

TEST(HaproxyDrain, IsDoneWhereThereIsNoServerOrItIsInMaintenance) {
  Upstream one("one");
  BalancedShop shop;
  EXPECT_FALSE(shop.drain("shop-1"));
  ASSERT_TRUE(shop.attach_until_up("shop-1", one.address()));
  shop.haproxy.ask("set server app/as-shop-1 state maint");
  EXPECT_FALSE(shop.drain("shop-1"));
  EXPECT_TRUE(shop.is("shop-1", State::kMaintenance)) << "a drain would bring it back a step";
}

TEST(HaproxyDetach, DeletesAServerInAnyStateAndIsDoneWhereThereIsNone) {
  Upstream one("one");
  BalancedShop shop;
  for (const char* state : {"ready", "drain", "maint"}) {
    ASSERT_TRUE(shop.attach_until_up("shop-1", one.address()));
    shop.haproxy.ask("set server app/as-shop-1 state " + std::string(state));
    EXPECT_TRUE(eventually([&] { return !shop.detach("shop-1"); })) << state;
    EXPECT_EQ(shop.see("shop-1"), std::nullopt) << state;
  }
  EXPECT_FALSE(shop.detach("shop-1"));
}

TEST(HaproxyDetach, IsAConflictUntilTheRequestInFlightHasFinishedWhichItDoes) {
  for (const char* options : {"", kPool}) {
    Upstream one("one");
    BalancedShop shop(BalancedShop::kLines, {.server_options = options});
    ASSERT_TRUE(shop.attach_until_up("shop-1", one.address()));
    RawClient client(shop.haproxy.port());
    client.send("GET /hold HTTP/1.1\r\nHost: test\r\n\r\n");
    one.wait_until_holding();

    for (int tick = 0; tick < 3; ++tick) {
      const auto refused = shop.detach("shop-1");
      ASSERT_TRUE(refused);
      EXPECT_EQ(refused->code, Code::kConflict);
      EXPECT_THAT(refused->message, HasSubstr("app/as-shop-1"));
      EXPECT_TRUE(shop.is("shop-1", State::kMaintenance));
      EXPECT_EQ(shop.see("shop-1")->in_flight, 1);
    }
    one.release();
    EXPECT_THAT(client.read_response(), HasSubstr("200 OK"));
    // The client stays, and with a pool so does HAProxy's connection to the server: for an hour, if
    // nothing was done about it.
    EXPECT_TRUE(eventually([&] { return !shop.detach("shop-1"); }));
    EXPECT_EQ(shop.see("shop-1"), std::nullopt);
  }
}

TEST(HaproxyDetach, DoesNotTouchServersOfOthersWhateverTheirNames) {
  Upstream theirs("theirs");
  const std::string lines = std::string(BalancedShop::kLines) + "\n  server web1 " +
                            theirs.address() + " check\n  server asx " + theirs.address() +
                            "\n  server as- " + theirs.address() + "\n  server-template spare 2 " +
                            theirs.address() + " disabled";
  BalancedShop shop(lines);
  EXPECT_TRUE(shop.reader.observe(shop.now).backends.empty());
  EXPECT_TRUE(shop.reader.observe(shop.now).unreachable.empty());

  Upstream one("one");
  ASSERT_TRUE(shop.attach_until_up("shop-1", one.address()));
  for (const char* name : {"web1", "x", "spare1"}) {
    EXPECT_FALSE(shop.detach(name));
    EXPECT_FALSE(shop.drain(name));
  }
  EXPECT_EQ(shop.reader.observe(shop.now).backends.size(), 1u);
  ASSERT_TRUE(eventually([&] { return !shop.detach("shop-1"); }));
  const std::string left = shop.haproxy.ask("show servers state app");
  for (const char* server : {" web1 127.0.0.1 2 0 ", " asx 127.0.0.1 2 0 ", " as- 127.0.0.1 2 0 ",
                             " spare1 127.0.0.1 0 5 ", " spare2 127.0.0.1 0 5 "}) {
    EXPECT_THAT(left, HasSubstr(server));
  }
}

}  // namespace
}  // namespace autoscaler
