// What the loop does while something it depends on is broken, and when it works again.
#include "tests/controller/loop/loop_fixture.h"

namespace autoscaler {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

const Error kNoAnswer{Code::kUnavailable, "no answer"};

class OutageTest : public LoopTest {};

TEST_F(OutageTest, a_missing_signal_never_scales_in_and_bounds_still_hold) {
  settle_at(600);
  load_ = std::nullopt;
  const WorkloadTick& blind = run(minutes(10));
  EXPECT_EQ(blind.decision.to, 6);
  EXPECT_THAT(balancer_.log, IsEmpty());
  EXPECT_THAT(cluster_.log, IsEmpty());

  config_.workloads[0].spec.bounds = {2, 4};
  start();
  const WorkloadTick& bounded = tick();
  EXPECT_EQ(bounded.decision.to, 4);
  EXPECT_EQ(bounded.decision.reason, Reason::kAboveMax);
  EXPECT_THAT(balancer_.log, ElementsAre("drain shop-5", "drain shop-6"));
}

TEST_F(OutageTest, while_the_balancer_is_away_nothing_is_drained_and_then_all_are_registered) {
  settle_at(400);
  balancer_.outage = kNoAnswer;
  load_ = 600;
  const WorkloadTick& out = tick();
  EXPECT_TRUE(out.balancer_error);
  EXPECT_THAT(cluster_.log, ElementsAre("launch shop-5", "launch shop-6"));
  load_ = 200;
  run(minutes(5));
  EXPECT_THAT(balancer_.log, IsEmpty());
  EXPECT_THAT(cluster_.log, SizeIs(2)) << "nothing was stopped";
  EXPECT_EQ(states()[5], Lifecycle::kReady);

  // It comes back without its memory, as a balancer that was started anew does.
  balancer_.outage.reset();
  balancer_.entries.clear();
  load_ = 600;
  run(seconds(10));
  EXPECT_THAT(balancer_.entries, SizeIs(6));
  for (const auto& [id, entry] : balancer_.entries) {
    EXPECT_EQ(entry.state, BackendObservation::State::kUp) << id;
  }
}

TEST_F(OutageTest, a_scale_in_begun_before_the_balancer_went_away_goes_on_after) {
  settle_at(300);
  balancer_.entries.at("shop-3").in_flight = 1;
  load_ = 200;
  run(seconds(70));
  ASSERT_THAT(balancer_.log, ElementsAre("drain shop-3"));
  balancer_.outage = kNoAnswer;
  run(minutes(3));
  EXPECT_THAT(cluster_.log, IsEmpty()) << "it may still be answering";
  balancer_.outage.reset();
  run(seconds(15));
  EXPECT_THAT(names(), ElementsAre("shop-1", "shop-2"));
}

TEST_F(OutageTest, what_the_balancer_finds_bad_is_idle_for_a_reason_that_takes_nothing_away) {
  settle_at(400);
  for (auto& [id, entry] : balancer_.entries) entry.state = BackendObservation::State::kDown;
  load_ = 200;
  run(minutes(2));
  EXPECT_EQ(last_->workloads[0].decision.to, 4);
  EXPECT_EQ(last_->workloads[0].decision.reason, Reason::kWarmup);
  EXPECT_THAT(states(), Each(Lifecycle::kInService)) << "they are not at fault for all we know";
  for (auto& [id, entry] : balancer_.entries) entry.state = BackendObservation::State::kUp;
  run(minutes(1));
  EXPECT_EQ(last_->workloads[0].decision.to, 2);
}

TEST_F(OutageTest, while_the_cluster_is_away_nothing_is_planned_and_the_decision_is_recorded) {
  settle_at(400);
  const size_t recorded = documents().size();
  cluster_.outage = kNoAnswer;
  load_ = 800;
  const WorkloadTick& out = tick();
  EXPECT_TRUE(out.cluster_error);
  EXPECT_EQ(out.decision.to, 8);
  EXPECT_EQ(out.outcome, Outcome::kFailed);
  EXPECT_THAT(out.changes, IsEmpty());
  EXPECT_THAT(documents().size(), recorded + 1);
  EXPECT_THAT(documents().back(), HasSubstr("\"outcome\":\"failed\""));
  run(minutes(5));
  EXPECT_THAT(cluster_.log, IsEmpty());
  EXPECT_THAT(balancer_.log, IsEmpty());

  cluster_.outage.reset();
  EXPECT_EQ(tick().outcome, Outcome::kApplied);
  EXPECT_THAT(cluster_.log, SizeIs(4));
  EXPECT_THAT(cluster_.log, Each(StartsWith("launch")));
}

TEST_F(OutageTest, a_cluster_that_is_away_at_the_first_tick_is_no_empty_one) {
  for (int i = 1; i <= 6; ++i) {
    const std::string id = "shop-" + std::to_string(i);
    cluster_.launch("shop", id, clock_.now());
    balancer_.entries[id] = {.workload = "shop", .instance = id, .address = "127.0.0.1:1"};
  }
  cluster_.outage = kNoAnswer;
  load_ = 600;
  run(seconds(15));
  cluster_.outage.reset();
  EXPECT_EQ(tick().decision.from, 6);
  run(minutes(3));
  EXPECT_THAT(names(), SizeIs(6));
  EXPECT_THAT(cluster_.log, IsEmpty());
  EXPECT_THAT(balancer_.log, IsEmpty()) << "found, and left as they are";
}

TEST_F(OutageTest, refused_launches_are_failures_that_start_no_cooldown_and_are_tried_ever_later) {
  config_.workloads[0].spec.cooldown_out = minutes(2);
  settle_at(200);
  cluster_.refuse_launches = Error{Code::kExhausted, "no memory"};
  load_ = 400;
  const WorkloadTick& refused = tick();
  EXPECT_EQ(refused.decision.to, 4);
  EXPECT_EQ(refused.outcome, Outcome::kFailed);
  EXPECT_THAT(cluster_.log, SizeIs(2));
  EXPECT_EQ(refused.launch_failures, 1) << "refused together: one failure";
  run(minutes(8));
  const WorkloadTick& still = last_->workloads[0];
  EXPECT_EQ(still.decision.from, 2) << "a size that was never reached is not stepped from";
  EXPECT_EQ(still.decision.to, 3) << "no cooldown holds it, and one at a time is tried";
  EXPECT_FALSE(still.cooldown_out_left);
  EXPECT_EQ(still.launch_failures, static_cast<int>(cluster_.log.size()) - 1);
  EXPECT_GE(cluster_.log.size(), 6u);
  EXPECT_LE(cluster_.log.size(), 10u) << "1 + 2 + 4 + ... + 256 s is over 8 minutes";

  cluster_.refuse_launches.reset();
  run(minutes(5));
  EXPECT_THAT(names(), SizeIs(4));
  EXPECT_EQ(last_->workloads[0].launch_failures, 0);
}

const char* const kStepping = R"(
workloads:
  - name: shop
    target: {process: {command: [/bin/shop, "{port}"], ports: 9000-9199}}
    replicas: {min: 2, max: 20}
    signals: {rps: {source: scrape, gauge: load}}
    policies: [{threshold: {out: {any: [{signal: rps, above: 100}], add: 2, cooldown: 1m}}}]
    guards: none
)";

class SteppingTest : public LoopTest {
 protected:
  SteppingTest() : LoopTest(kStepping) {}
};

TEST_F(SteppingTest, steps_that_could_not_be_made_do_not_add_up) {
  settle_at(50);
  cluster_.refuse_launches = Error{Code::kExhausted, "no memory"};
  load_ = 150;
  run(minutes(3));
  EXPECT_EQ(last_->workloads[0].decision.to, 4);
  cluster_.refuse_launches.reset();
  run(minutes(2));
  EXPECT_EQ(last_->workloads[0].decision.to, 4) << "one step, and its cooldown";
  EXPECT_THAT(names(), SizeIs(4));
}

TEST_F(OutageTest, without_a_journal_scale_out_goes_on_and_no_scale_in_starts) {
  settle_at(400);
  break_journal();
  load_ = 600;
  const WorkloadTick& out = tick();
  EXPECT_TRUE(last_->journal_error);
  EXPECT_EQ(out.outcome, Outcome::kApplied);
  EXPECT_THAT(cluster_.log, ElementsAre("launch shop-5", "launch shop-6"));
  load_ = 200;
  run(minutes(3));
  EXPECT_EQ(last_->workloads[0].decision.reason, Reason::kJournal);
  EXPECT_THAT(balancer_.log, Not(Contains(StartsWith("drain"))));

  mend_journal();
  run(minutes(1));
  EXPECT_FALSE(last_->journal_error);
  EXPECT_THAT(names(), SizeIs(2));
  loop_.reset();
  const auto memories = journal_->memories();
  ASSERT_TRUE(memories.ok());
  EXPECT_THAT(memories->at(0).document, HasSubstr("\"nextInstance\":7"));
}

TEST_F(OutageTest, demand_that_was_met_without_a_journal_is_written_afterwards) {
  settle_at(200);
  break_journal();
  load_ = 500;
  run(minutes(3));
  mend_journal();
  load_ = 100;
  run(minutes(2));
  std::vector<double> largest;
  const Status read = journal_->demand({}, Instant{}, clock_.now(), [&](const DemandRow& row) {
    largest.push_back(row.requests_per_second.value_or(-1));
    return true;
  });
  ASSERT_TRUE(read.ok());
  EXPECT_THAT(std::count(largest.begin(), largest.end(), 500), AllOf(Ge(3), Le(4)));
}

TEST_F(OutageTest, the_minute_that_a_restart_divides_keeps_the_larger_demand_of_its_parts) {
  settle_at(500);
  while (clock_.now() != std::chrono::floor<minutes>(clock_.now())) tick();
  const Instant minute = clock_.now();
  tick();
  ASSERT_TRUE(loop_->end().ok());
  start();
  load_ = 100;
  run(minutes(1));
  std::vector<double> demand;
  const Status read = journal_->demand({}, minute, minute + minutes(1), [&](const DemandRow& row) {
    demand.push_back(row.requests_per_second.value_or(-1));
    return true;
  });
  ASSERT_TRUE(read.ok());
  EXPECT_THAT(demand, ElementsAre(500));
}

TEST_F(OutageTest, a_journal_that_breaks_in_the_tick_of_the_scale_in_stops_it_before_it_starts) {
  settle_at(400);
  load_ = 200;
  run(seconds(55));
  ASSERT_EQ(last_->workloads[0].decision.reason, Reason::kStabilized);
  ASSERT_THAT(balancer_.log, IsEmpty());
  break_journal();
  tick();  // the first write to fail is the intent to drain
  EXPECT_THAT(balancer_.log, IsEmpty());
  EXPECT_EQ(last_->workloads[0].decision.reason, Reason::kJournal);
  EXPECT_EQ(last_->workloads[0].decision.to, 4);
  EXPECT_TRUE(last_->journal_error);
}

}  // namespace
}  // namespace autoscaler
