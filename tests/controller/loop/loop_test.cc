#include "tests/controller/loop/loop_fixture.h"

namespace autoscaler {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

TEST_F(LoopTest, starts_at_zero_and_repairs_to_min) {
  load_ = 0;
  const WorkloadTick& first = tick();
  EXPECT_EQ(first.decision.from, 0);
  EXPECT_EQ(first.decision.to, 2);
  EXPECT_EQ(first.decision.reason, Reason::kBelowMin);
  EXPECT_EQ(first.outcome, Outcome::kApplied);
  EXPECT_THAT(cluster_.log, ElementsAre("launch shop-1", "launch shop-2"));
  run(minutes(5));
  EXPECT_THAT(cluster_.log, SizeIs(2)) << "once is enough";
  EXPECT_THAT(states(), ElementsAre(Lifecycle::kInService, Lifecycle::kInService));
}

TEST_F(LoopTest, when_load_doubles_the_new_instances_start_attach_warm_and_then_count) {
  settle_at(200);
  cluster_.healthy_at_once = false;
  load_ = 400;
  EXPECT_EQ(tick().decision.to, 4);
  EXPECT_THAT(cluster_.log, ElementsAre("launch shop-3", "launch shop-4"));
  tick();
  EXPECT_EQ(states()[2], Lifecycle::kLaunching);
  EXPECT_THAT(balancer_.log, IsEmpty()) << "no traffic before a health check has passed";

  cluster_.set_all_healthy(true);
  tick();
  EXPECT_EQ(states()[2], Lifecycle::kReady);
  EXPECT_THAT(balancer_.log, ElementsAre("attach shop-3", "attach shop-4"));
  tick();
  EXPECT_EQ(states()[2], Lifecycle::kWarming);
  EXPECT_EQ(last_->workloads[0].time_to_ready, milliseconds(7550))
      << "5 s before; with weight 0.3 10 s makes it 6.5 s, and once more 10 s 7.55 s";
  run(seconds(15));
  EXPECT_EQ(states()[2], Lifecycle::kWarming);
  tick();
  EXPECT_EQ(states()[2], Lifecycle::kInService) << "20 s after it was attached";
  EXPECT_THAT(cluster_.log, SizeIs(2)) << "what was ordered was not ordered again";
}

TEST_F(LoopTest, load_that_returns_cancels_the_drain_and_launches_nothing) {
  settle_at(400);
  for (auto& [id, entry] : balancer_.entries) entry.in_flight = 3;
  load_ = 200;
  run(seconds(75));
  EXPECT_THAT(balancer_.log, ElementsAre("drain shop-3", "drain shop-4"));
  load_ = 400;
  tick();
  EXPECT_THAT(balancer_.log,
              ElementsAre("drain shop-3", "drain shop-4", "attach shop-3", "attach shop-4"));
  EXPECT_THAT(cluster_.log, IsEmpty());
  tick();
  EXPECT_THAT(states(), Each(Lifecycle::kInService)) << "it had warmed up before";
}

TEST_F(LoopTest, a_scale_in_drains_waits_for_what_is_in_flight_detaches_and_then_stops) {
  settle_at(300);
  balancer_.entries.at("shop-3").in_flight = 2;
  load_ = 200;
  run(seconds(55));
  EXPECT_THAT(balancer_.log, IsEmpty()) << "the window of 60 s is not over";
  EXPECT_EQ(last_->workloads[0].decision.reason, Reason::kStabilized);
  tick();
  EXPECT_THAT(balancer_.log, ElementsAre("drain shop-3"));
  run(seconds(20));
  EXPECT_THAT(balancer_.log, SizeIs(1)) << "two requests are in flight";

  balancer_.entries.at("shop-3").in_flight = 0;
  tick();
  EXPECT_THAT(balancer_.log, ElementsAre("drain shop-3", "detach shop-3"));
  EXPECT_THAT(cluster_.log, IsEmpty()) << "still registered when this tick looked";
  tick();
  EXPECT_THAT(cluster_.log, ElementsAre("terminate shop-3"));
  run(minutes(5));
  EXPECT_THAT(names(), ElementsAre("shop-1", "shop-2"));
  EXPECT_THAT(cluster_.log, SizeIs(1));
}

TEST_F(LoopTest, nothing_is_taken_away_while_an_ordered_instance_warms_up) {
  config_.workloads[0].spec.warmup = minutes(5);
  load_ = 400;
  run(seconds(30));
  load_ = 200;
  run(minutes(4));
  EXPECT_EQ(last_->workloads[0].decision.reason, Reason::kWarmup);
  EXPECT_THAT(balancer_.log, Not(Contains(StartsWith("drain"))));
  run(minutes(2));
  EXPECT_THAT(names(), SizeIs(2));
}

TEST_F(LoopTest, when_every_instance_dies_all_are_replaced_at_the_same_size_under_new_ids) {
  settle_at(300);
  for (auto& [id, instance] : cluster_.instances) {
    instance.running = false;
    instance.exit = std::string("signal 9");
  }
  load_ = std::nullopt;
  const WorkloadTick& dead = tick();
  EXPECT_EQ(dead.decision.from, 3);
  EXPECT_EQ(dead.decision.to, 3);
  EXPECT_EQ(dead.outcome, Outcome::kHeld);
  EXPECT_THAT(cluster_.log, ElementsAre("launch shop-4", "launch shop-5", "launch shop-6"));
  EXPECT_THAT(balancer_.log, ElementsAre("detach shop-1", "detach shop-2", "detach shop-3"));
  run(seconds(10));
  EXPECT_THAT(names(), ElementsAre("shop-4", "shop-5", "shop-6"));
  EXPECT_EQ(balancer_.entries.size(), 3u);
}

TEST_F(LoopTest, an_instance_that_dies_young_is_replaced_later_each_time) {
  settle_at(200);
  cluster_.healthy_at_once = false;
  load_ = 300;
  std::vector<Instant> launched;
  for (int i = 0; i < 120; ++i) {
    const size_t before = cluster_.log.size();
    tick();
    for (size_t j = before; j < cluster_.log.size(); ++j) {
      if (cluster_.log[j].starts_with("launch")) launched.push_back(clock_.now());
    }
    for (auto& [id, instance] : cluster_.instances) {
      if (!instance.healthy) instance.running = false;
    }
  }
  ASSERT_GE(launched.size(), 6u);
  EXPECT_LE(launched.size(), 10u) << "1 + 2 + 4 + ... + 256 s is over 8 minutes";
  EXPECT_GT(launched.back() - launched[launched.size() - 2], launched[1] - launched[0]);
  EXPECT_EQ(last_->workloads[0].launch_failures, static_cast<int>(launched.size()));
}

TEST_F(LoopTest, winding_down_drains_and_stops_everything_whatever_the_load) {
  settle_at(400);
  for (auto& [id, entry] : balancer_.entries) entry.in_flight = 1;
  EXPECT_FALSE(loop_->wind_down());
  EXPECT_THAT(balancer_.log, SizeIs(4));
  EXPECT_THAT(balancer_.log, Each(StartsWith("drain")));
  EXPECT_FALSE(loop_->wind_down());
  EXPECT_THAT(cluster_.log, IsEmpty()) << "requests are in flight";
  for (auto& [id, entry] : balancer_.entries) entry.in_flight = 0;
  EXPECT_FALSE(loop_->wind_down()) << "detached";
  EXPECT_FALSE(loop_->wind_down()) << "asked to stop";
  EXPECT_TRUE(loop_->wind_down());
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_THAT(balancer_.entries, IsEmpty());
}

// Two controllers on one backend, each with a state directory of its own.
TEST_F(LoopTest, winding_down_leaves_another_controllers_servers_in_the_balancer) {
  settle_at(200);
  balancer_.entries["shop-9"] = {
      .workload = "shop", .instance = "shop-9", .address = "10.0.0.1:80"};
  bool done = false;
  for (int i = 0; i < 10 && !done; ++i) done = loop_->wind_down();
  EXPECT_TRUE(done);
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_THAT(balancer_.entries, ElementsAre(testing::Key("shop-9")));
}

TEST_F(LoopTest, winding_down_ends_with_a_broken_journal_too) {
  settle_at(400);
  break_journal();
  bool done = false;
  for (int i = 0; i < 10 && !done; ++i) done = loop_->wind_down();
  EXPECT_TRUE(done);
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_THAT(cluster_.log, Each(StartsWith("terminate")));
}

TEST_F(LoopTest, winding_down_waits_for_a_cluster_that_does_not_answer) {
  settle_at(200);
  cluster_.outage = Error{Code::kUnavailable, "no answer"};
  EXPECT_FALSE(loop_->wind_down());
  EXPECT_FALSE(loop_->wind_down());
  EXPECT_THAT(cluster_.log, IsEmpty());
}

TEST_F(LoopTest, every_tick_says_what_it_is) {
  std::vector<uint64_t> seen;
  start();
  loop_ = std::make_unique<Loop>(
      std::make_shared<const Config>(config_), ports(), *journal_, false,
      std::vector<Loop::Sink>{[&](const auto& record) { seen.push_back(record->number); }});
  run(seconds(15));
  EXPECT_THAT(seen, ElementsAre(1, 2, 3));
  EXPECT_EQ(last_->now, clock_.now());
  EXPECT_FALSE(last_->overran);
  EXPECT_FALSE(last_->dry_run);
}

class SameInputsTest : public LoopTest {
 protected:
  std::vector<std::string> live_through_a_story() {
    start();
    for (int i = 0; i < 60; ++i) {
      load_ = i % 17 == 5 ? std::nullopt : std::optional(200.0 + 37.25 * (i % 11));
      if (i == 20) balancer_.outage = Error{Code::kUnavailable, "no answer"};
      if (i == 24) balancer_.outage.reset();
      if (i == 30) cluster_.instances.begin()->second.running = false;
      if (i == 40) cluster_.outage = Error{Code::kUnavailable, "no answer"};
      if (i == 43) cluster_.outage.reset();
      tick();
    }
    return documents();
  }
};

TEST_F(SameInputsTest, the_same_inputs_give_the_same_bytes) {
  const std::vector<std::string> first = live_through_a_story();
  loop_.reset();
  journal_.reset();
  path_ = directory_ / "second.db";
  clock_.advance(kStart - clock_.now());
  cluster_ = FakeCluster();
  balancer_ = FakeBalancer();
  const std::vector<std::string> second = live_through_a_story();
  ASSERT_GT(first.size(), 20u);
  EXPECT_EQ(first, second);
}

const char* const kTwo = R"(
workloads:
  - name: cart
    target: {process: {command: [/bin/cart, "{port}"], ports: 9200-9299}}
    replicas: {min: 1, max: 9}
    signals: {rps: {source: scrape, gauge: load}}
    policies: [{track: {signal: rps, perInstance: 100}}]
  - name: shop
    target: {process: {command: [/bin/shop, "{port}"], ports: 9000-9199}}
    loadBalancer: {haproxy: {socket: /run/none.sock, backend: shop}}
    replicas: {min: 1, max: 9}
    signals: {rps: {source: balancer, value: requestRate}}
    policies: [{track: {signal: rps, perInstance: 100/s}}]
)";

class TwoWorkloadsTest : public LoopTest {
 protected:
  TwoWorkloadsTest() : LoopTest(kTwo) {
    source_ = FakeSource([this](const WorkloadQuery& query, size_t, Instant now) {
      if (*query.workload == broken_) return Signal{Reading(Missing{MissingReason::kTimeout, {}})};
      return Signal{Reading(Measured{*load_, now, Duration{0}})};
    });
  }
  std::string broken_;
};

TEST_F(TwoWorkloadsTest, a_broken_one_never_stops_the_other) {
  settle_at(200);
  broken_ = "shop";
  balancer_.outage = Error{Code::kUnavailable, "no answer"};
  load_ = 400;
  tick();
  ASSERT_THAT(last_->workloads, SizeIs(2));
  const WorkloadTick& cart = last_->workloads[0];
  const WorkloadTick& shop = last_->workloads[1];
  EXPECT_EQ(cart.decision.to, 4);
  EXPECT_EQ(cart.outcome, Outcome::kApplied);
  EXPECT_FALSE(cart.balancer_error);
  EXPECT_EQ(shop.decision.to, 2);
  EXPECT_TRUE(shop.balancer_error);
  EXPECT_THAT(cluster_.log, ElementsAre("launch cart-3", "launch cart-4"));

  broken_ = "cart";
  balancer_.outage.reset();
  load_ = 600;
  tick();
  EXPECT_EQ(last_->workloads[0].decision.to, 4);
  EXPECT_EQ(last_->workloads[1].decision.to, 6);
}

}  // namespace
}  // namespace autoscaler
