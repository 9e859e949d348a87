// A new controller on the journal of the one before.
#include "controller/restore.h"
#include "tests/controller/loop/loop_fixture.h"

namespace autoscaler {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

class RestartTest : public LoopTest {};

TEST_F(RestartTest, a_cooldown_goes_on) {
  config_.workloads[0].spec.cooldown_out = minutes(2);
  settle_at(200);
  load_ = 300;
  tick();
  EXPECT_EQ(names().size(), 3u);
  start();
  load_ = 400;
  run(seconds(115));
  EXPECT_EQ(last_->workloads[0].decision.reason, Reason::kCooldown);
  EXPECT_EQ(names().size(), 3u);
  tick();
  EXPECT_EQ(names().size(), 4u) << "2 minutes after the first, not after the restart";
}

// The newest row of the memory is up to a minute old, and the window begins at the kill.
TEST_F(RestartTest, after_a_kill_the_window_of_scale_ins_is_as_long_as_ever) {
  settle_at(600);
  for (const size_t rows = documents().size(); documents().size() == rows;) tick();
  run(seconds(40));
  loop_.reset();
  load_ = 200;
  for (int second = 5; second < 60; second += 5) {
    EXPECT_EQ(tick().decision.to, 6) << second << " s after the kill";
  }
  EXPECT_LT(run(minutes(1)).decision.to, 6);
}

TEST_F(RestartTest, a_warm_up_goes_on_from_where_it_was) {
  settle_at(200);
  load_ = 300;
  run(seconds(15));
  EXPECT_EQ(states()[2], Lifecycle::kWarming);
  run(seconds(10));
  start();
  tick();
  EXPECT_EQ(states()[2], Lifecycle::kWarming);
  tick();
  EXPECT_EQ(states()[2], Lifecycle::kInService) << "20 s after it was attached";
}

TEST_F(RestartTest, a_drain_goes_on_and_ids_are_never_used_again) {
  settle_at(400);
  balancer_.entries.at("shop-4").in_flight = 1;
  load_ = 300;
  run(seconds(70));
  ASSERT_THAT(balancer_.log, ElementsAre("drain shop-4"));
  start();
  tick();
  EXPECT_EQ(states()[3], Lifecycle::kDraining);
  EXPECT_THAT(balancer_.log, SizeIs(1));
  balancer_.entries.at("shop-4").in_flight = 0;
  run(seconds(10));
  EXPECT_THAT(names(), ElementsAre("shop-1", "shop-2", "shop-3"));
  start();
  load_ = 400;
  tick();
  EXPECT_THAT(names(), ElementsAre("shop-1", "shop-2", "shop-3", "shop-5"));
}

TEST_F(RestartTest, what_died_meanwhile_is_replaced_at_the_size_that_was_decided) {
  settle_at(400);
  loop_.reset();
  cluster_.instances.erase("shop-1");
  cluster_.instances.erase("shop-3");
  start();
  load_ = std::nullopt;
  EXPECT_EQ(tick().decision.to, 4);
  EXPECT_THAT(cluster_.log, ElementsAre("launch shop-5", "launch shop-6"));
}

TEST_F(RestartTest, without_a_journal_the_running_instances_are_adopted_and_none_is_taken_away) {
  settle_at(400);
  loop_.reset();
  journal_.reset();
  path_ = directory_ / "another.db";
  load_ = 200;
  EXPECT_EQ(tick().decision.from, 4);
  run(seconds(55));
  EXPECT_THAT(states(), SizeIs(4));
  EXPECT_THAT(balancer_.log, IsEmpty()) << "no full window has been seen";
  tick();
  EXPECT_THAT(balancer_.log, ElementsAre("drain shop-3", "drain shop-4"));
  load_ = 500;
  run(seconds(60));
  EXPECT_THAT(cluster_.log, Contains("launch shop-5")) << "ids go on from the highest found";
}

TEST_F(RestartTest, after_a_pause_longer_than_the_window_nothing_is_taken_away_before_it_is_seen) {
  settle_at(400);
  loop_.reset();
  clock_.advance(hours(1));
  load_ = 200;
  run(seconds(55));
  EXPECT_EQ(last_->workloads[0].decision.reason, Reason::kFreshStart);
  EXPECT_THAT(balancer_.log, IsEmpty());
  tick();
  EXPECT_THAT(balancer_.log, ElementsAre("drain shop-3", "drain shop-4"));
}

// A service under a load that comes and goes.
class Service : public LoopTest {
 public:
  explicit Service(const std::string& yaml) : LoopTest(yaml) {}
  void TestBody() override {}

  // What was decided in each tick; with a reload of the config after each.
  std::vector<std::string> decisions(bool reloaded) {
    std::vector<std::string> all;
    const double loads[] = {200, 480, 900, 310, 300, 1200, 250, 200};
    for (int i = 0; i < 120; ++i) {
      load_ = loads[i / 15];
      const Decision decision = tick().decision;
      all.push_back(std::to_string(i) + ": " + std::to_string(decision.from) + ">" +
                    std::to_string(decision.to) + " " + reason_name(decision.reason));
      if (!reloaded) continue;
      EXPECT_TRUE(loop_->end().ok());
      clock_.advance(std::chrono::milliseconds(4900));  // as late as it can be
      start();
      clock_.advance(-std::chrono::milliseconds(4900));
    }
    return all;
  }
};

TEST_F(RestartTest, the_end_writes_what_a_tick_without_a_record_has_learned) {
  settle_at(200);
  const auto kept = [this] { return journal_->memories()->at(0).document; };
  std::string before = kept();
  tick();
  for (int i = 0; kept() != before && i < 12; ++i) {
    before = kept();
    tick();
  }
  ASSERT_EQ(kept(), before) << "a tick that writes nothing";
  ASSERT_TRUE(loop_->end());
  EXPECT_NE(kept(), before);
}

TEST(Reload, of_a_loop_after_each_tick_changes_no_decision) {
  const std::string shop = kShop, window = "{scaleDown: {stabilizationWindowSeconds: 60}}";
  std::string none = shop;
  none.replace(none.find(window), window.size(), "none");
  for (const std::string& yaml : {shop, none, none + "    cooldown: {out: 20s, in: 45s}\n"}) {
    EXPECT_EQ(Service(yaml).decisions(true), Service(yaml).decisions(false)) << yaml;
  }
}

TEST_F(RestartTest, a_clock_set_back_holds_nothing_longer_than_its_window) {
  config_.workloads[0].spec.cooldown_out = minutes(2);
  settle_at(200);
  load_ = 300;
  run(seconds(10));
  clock_.advance(-hours(10));
  start();
  load_ = 400;
  run(seconds(115));
  EXPECT_EQ(last_->workloads[0].decision.reason, Reason::kCooldown);
  EXPECT_THAT(states(), Each(Lifecycle::kInService)) << "no warm-up is longer than 20 s";
  tick();
  EXPECT_THAT(names(), SizeIs(4)) << "the whole cooldown, and no more";

  clock_.advance(-hours(10));
  start();
  load_ = 200;
  run(seconds(80));
  EXPECT_THAT(balancer_.log, Contains(StartsWith("drain"))) << "the down window is 60 s";
}

TEST(RestoreTest, no_instant_of_the_future_is_left_in_a_memory) {
  const Instant now{hours(500'000)};
  const Instant future = now + hours(1);
  const WorkloadSpec spec;
  WorkloadMemory memory;
  Recent& seen = memory.recent.edit();
  seen.first_seen = seen.last_out = seen.last_in = future;
  seen.recommendations = {{now - seconds(5), future, 3}};
  seen.events = {{future, 2}};
  seen.policies = {
      {.last_sample = future, .last_out = future, .last_in = future, .last_burst = future}};
  seen.signals = {{.missing_since = future, .last_value_at = future, .last_step = future}};
  memory.instances = {
      {.instance = "shop-1", .requested = future, .launched = future, .ready = future}};
  memory.instances[0].draining = future;
  memory.backoff = {.failures = 3, .until = future};
  memory.time_to_ready = seconds(30);
  memory.shadow = Shadow{.recent = *memory.recent, .ordered = 5, .growing = {{future, 2}}};

  take_up(spec, seconds(5), now, memory);
  const Recent& own = *memory.recent;
  const Recent& of_shadow = memory.shadow->recent;
  for (const Recent* recent : {&own, &of_shadow}) {
    EXPECT_EQ(recent->first_seen, now);
    EXPECT_EQ(recent->last_out, now);
    EXPECT_EQ(recent->last_in, now);
    EXPECT_EQ(recent->recommendations[0].first, now - seconds(5)) << "the past stands";
    EXPECT_EQ(recent->recommendations[0].last, now);
    EXPECT_EQ(recent->events[0].at, now);
    EXPECT_EQ(recent->policies[0].last_sample, now);
    EXPECT_EQ(recent->policies[0].last_out, now);
    EXPECT_EQ(recent->policies[0].last_in, now);
    EXPECT_EQ(recent->policies[0].last_burst, now);
    EXPECT_EQ(recent->signals[0].missing_since, now);
    EXPECT_EQ(recent->signals[0].last_value_at, now);
    EXPECT_EQ(recent->signals[0].last_step, now);
  }
  EXPECT_EQ(memory.instances[0].requested, now);
  EXPECT_EQ(memory.instances[0].launched, now);
  EXPECT_EQ(memory.instances[0].ready, now);
  EXPECT_EQ(memory.instances[0].draining, now);
  EXPECT_FALSE(memory.instances[0].terminating);
  EXPECT_EQ(memory.backoff.until, now) << "no backoff is longer than 5 minutes";
  EXPECT_EQ(memory.shadow->growing[0].due, now + seconds(30)) << "a full start is left to wait";
}

}  // namespace
}  // namespace autoscaler
