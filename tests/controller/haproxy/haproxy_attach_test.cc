#include "tests/base/raw_client.h"
#include "tests/controller/haproxy/balanced_shop.h"
#include "tests/controller/haproxy/upstream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using State = BackendObservation::State;
using ::testing::HasSubstr;

TEST(HaproxyAttach, AddsAServerThatBecomesUpByItsOwnCheckAndServes) {
  Upstream one("one");
  BalancedShop shop;
  ASSERT_FALSE(shop.attach("shop-1", one.address()));
  ASSERT_TRUE(shop.becomes("shop-1", State::kUp));
  EXPECT_GE(one.checked(), 1);
  EXPECT_EQ(shop.see("shop-1")->address, one.address());
  EXPECT_EQ(shop.see("shop-1")->workload, "shop");
  EXPECT_EQ(shop.see("shop-1")->in_flight, 0);
  EXPECT_THAT(RawClient(shop.haproxy.port()).get("/"), HasSubstr("200 OK"));
}

TEST(HaproxyAttach, SendsNoTrafficBeforeACheckHasPassed) {
  Upstream sick("sick");
  sick.healthy = false;
  BalancedShop shop;
  ASSERT_FALSE(shop.attach("shop-1", sick.address()));
  // From the first moment, and after several failed checks.
  for (const int checks : {0, 1, 3}) {
    ASSERT_TRUE(eventually([&] { return sick.checked() >= checks; }));
    EXPECT_TRUE(shop.is("shop-1", State::kDown));
    EXPECT_THAT(RawClient(shop.haproxy.port()).get("/"), HasSubstr("503"));
  }
  EXPECT_EQ(sick.served(), 0);
  sick.healthy = true;
  EXPECT_TRUE(shop.becomes("shop-1", State::kUp));
  EXPECT_THAT(RawClient(shop.haproxy.port()).get("/"), HasSubstr("200 OK"));
}

TEST(HaproxyAttach, ChangesNothingWhereTheServerIsUpAlready) {
  Upstream one("one");
  BalancedShop shop(BalancedShop::kLines, {.server_options = "weight 100"});
  ASSERT_TRUE(shop.attach_until_up("shop-1", one.address()));
  shop.haproxy.ask("set server app/as-shop-1 weight 42%");  // an operator's, gone with the server
  EXPECT_FALSE(shop.attach("shop-1", one.address()));
  EXPECT_TRUE(shop.is("shop-1", State::kUp)) << "not even for a moment";
  EXPECT_THAT(shop.haproxy.ask("get weight app/as-shop-1"), HasSubstr("42 (initial 100)"));
}

// What a crash, or an operator, can leave behind: after each of these an Attach ends with UP.
TEST(HaproxyAttach, EndsInTheSamePlaceFromEveryIntermediateState) {
  Upstream one("one");
  BalancedShop shop;
  const std::string add = "add server app/as-shop-1 " + one.address() + " check inter 100ms rise 1";
  const std::vector<std::string> left_behind[] = {
      {},
      {add},
      {add, "enable health app/as-shop-1"},
      {add, "enable health app/as-shop-1", "set server app/as-shop-1 state drain"},
      {add, "enable health app/as-shop-1", "set server app/as-shop-1 state drain",
       "set server app/as-shop-1 health down"},
      {add, "enable health app/as-shop-1", "enable server app/as-shop-1"},
      {add, "enable health app/as-shop-1", "enable server app/as-shop-1",
       "set server app/as-shop-1 state maint"},
      {add, "enable health app/as-shop-1", "enable server app/as-shop-1",
       "set server app/as-shop-1 state drain", "set server app/as-shop-1 state maint"},
  };
  for (const std::vector<std::string>& commands : left_behind) {
    for (const std::string& command : commands) shop.haproxy.ask(command);
    const std::string last = commands.empty() ? "nothing" : commands.back();
    EXPECT_FALSE(shop.attach("shop-1", one.address())) << last;
    EXPECT_TRUE(shop.becomes("shop-1", State::kUp)) << last;
    EXPECT_TRUE(eventually([&] { return !shop.detach("shop-1"); })) << last;
    EXPECT_EQ(shop.see("shop-1"), std::nullopt) << last;
  }
}

TEST(HaproxyAttach, CancelsADrainAtOnceWhereTheServerIsHealthy) {
  Upstream one("one");
  BalancedShop shop;
  ASSERT_TRUE(shop.attach_until_up("shop-1", one.address()));
  ASSERT_FALSE(shop.drain("shop-1"));
  ASSERT_TRUE(shop.is("shop-1", State::kDraining));
  EXPECT_FALSE(shop.attach("shop-1", one.address()));
  EXPECT_TRUE(shop.is("shop-1", State::kUp));
  EXPECT_THAT(RawClient(shop.haproxy.port()).get("/"), HasSubstr("200 OK"));
}

TEST(HaproxyAttach, BringsADrainedServerThatFellIllBackOnlyOnceItIsWell) {
  Upstream one("one");
  BalancedShop shop;
  ASSERT_TRUE(shop.attach_until_up("shop-1", one.address()));
  ASSERT_FALSE(shop.drain("shop-1"));
  one.healthy = false;
  ASSERT_TRUE(eventually(
      [&] { return shop.haproxy.ask("show stat app 4 -1").find("DOWN") != std::string::npos; }));
  EXPECT_TRUE(shop.is("shop-1", State::kDraining)) << "a drained server stays drained when ill";
  EXPECT_FALSE(shop.attach("shop-1", one.address()));
  EXPECT_TRUE(shop.is("shop-1", State::kDown));
  one.healthy = true;
  EXPECT_TRUE(shop.becomes("shop-1", State::kUp));
}

TEST(HaproxyAttach, DoesNotTrustADrainedServerThatWasNeverChecked) {
  Upstream one("one");
  BalancedShop shop;
  // Killed between two steps of an Attach, with no check until then.
  shop.haproxy.ask("add server app/as-shop-1 " + one.address() + " check inter 1h rise 1");
  shop.haproxy.ask("enable health app/as-shop-1");
  shop.haproxy.ask("set server app/as-shop-1 state drain");
  ASSERT_EQ(one.checked(), 0);
  EXPECT_FALSE(shop.attach("shop-1", one.address()));
  EXPECT_TRUE(shop.is("shop-1", State::kDown));
}

TEST(HaproxyAttach, ReplacesAServerThatHasAnotherAddress) {
  Upstream old_place("old");
  Upstream new_place("new");
  BalancedShop shop;
  ASSERT_TRUE(shop.attach_until_up("shop-1", old_place.address()));
  ASSERT_FALSE(shop.attach("shop-1", new_place.address()));
  EXPECT_EQ(shop.see("shop-1")->address, new_place.address());
  ASSERT_TRUE(shop.becomes("shop-1", State::kUp));
  EXPECT_THAT(RawClient(shop.haproxy.port()).get("/"), HasSubstr("new"));
}

TEST(HaproxyAttach, WaitsWithAReplacementForRequestsOnTheOldAddress) {
  Upstream old_place("old");
  Upstream new_place("new");
  BalancedShop shop;
  ASSERT_TRUE(shop.attach_until_up("shop-1", old_place.address()));
  RawClient client(shop.haproxy.port());
  client.send("GET /hold HTTP/1.1\r\nHost: test\r\n\r\n");
  old_place.wait_until_holding();

  const auto refused = shop.attach("shop-1", new_place.address());
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, Code::kConflict);
  old_place.release();
  EXPECT_THAT(client.read_response(), HasSubstr("200 OK"));
  EXPECT_TRUE(eventually([&] { return !shop.attach("shop-1", new_place.address()); }));
  EXPECT_TRUE(shop.becomes("shop-1", State::kUp));
}

TEST(HaproxyAttach, SaysWhatHaproxyDoesNotTake) {
  BalancedShop shop;
  const auto host_name = shop.attach("shop-1", "app.local:80");
  ASSERT_TRUE(host_name);
  EXPECT_EQ(host_name->code, Code::kInvalid);
  const auto two_commands = shop.attach("shop-1;del server app/x", "127.0.0.1:80");
  ASSERT_TRUE(two_commands);
  EXPECT_EQ(two_commands->code, Code::kInvalid);

  BalancedShop wrong_options(BalancedShop::kLines, {.server_options = "maxcon 5"});
  const auto option = wrong_options.attach("shop-1", "127.0.0.1:80");
  ASSERT_TRUE(option);
  EXPECT_EQ(option->code, Code::kInvalid);
  EXPECT_THAT(option->message, HasSubstr("unknown keyword 'maxcon'"));
}

TEST(HaproxyAttach, PassesTheServerOptionsOn) {
  Upstream one("one");
  BalancedShop shop(BalancedShop::kLines, {.server_options = "weight 7 maxconn 50"});
  ASSERT_TRUE(shop.attach_until_up("shop-1", one.address()));
  EXPECT_THAT(shop.haproxy.ask("get weight app/as-shop-1"), HasSubstr("7 (initial 7)"));
}

TEST(HaproxyAttach, AnswersABatchInItsOrderAndCarriesOnAfterAFailure) {
  Upstream one("one");
  BalancedShop shop;
  const Change changes[] = {Attach{"shop", "shop-1", one.address()},
                            Attach{"shop", "shop-2", "nonsense"}, Drain{"shop", "shop-9"},
                            Attach{"shop", "shop-3", one.address()}};
  const auto results = shop.writer.apply(changes, shop.now);
  ASSERT_EQ(results.size(), 4u);
  for (size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(change_instance(results[i].change), change_instance(changes[i]));
    EXPECT_FALSE(results[i].skipped);
    EXPECT_EQ(results[i].error.has_value(), i == 1);
  }
  EXPECT_TRUE(shop.becomes("shop-3", State::kUp));
}

}  // namespace
}  // namespace autoscaler
