// The loop of `run --dry-run`: the fakes' read halves, and writers that skip.
#include "controller/dry_run.h"

#include "tests/controller/loop/loop_fixture.h"

namespace autoscaler {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::IsEmpty;
using testing::Not;

class DryRunTest : public LoopTest {
 protected:
  DryRunTest() {
    for (int i = 1; i <= 3; ++i) somebody_starts("shop-" + std::to_string(i));
    load_ = 300;
  }
  void SetUp() override { start(/*dry_run=*/true); }
  Ports ports() override {
    return {clock_, cluster_, no_cluster_writer_, balancer_, no_balancer_writer_, {&source_}};
  }
  // The service belongs to somebody else, a person or a live controller.
  void somebody_starts(const InstanceId& id) {
    cluster_.launch("shop", id, clock_.now());
    balancer_.entries[id] = {.workload = "shop", .instance = id, .address = "127.0.0.1:1"};
  }
  void expect_untouched() {
    EXPECT_THAT(cluster_.log, IsEmpty());
    EXPECT_THAT(balancer_.log, IsEmpty());
  }

  SkippingClusterWriter no_cluster_writer_;
  SkippingBalancerWriter no_balancer_writer_;
};

TEST_F(DryRunTest, decides_from_the_real_size_writes_nothing_and_starts_no_cooldown) {
  config_.workloads[0].spec.cooldown_out = minutes(2);
  start(/*dry_run=*/true);
  run(minutes(2));
  load_ = 500;
  for (int i = 0; i < 12; ++i) {
    const WorkloadTick& out = tick();
    EXPECT_EQ(out.decision.from, 3);
    EXPECT_EQ(out.decision.to, 5);
    EXPECT_EQ(out.outcome, Outcome::kSkipped);
    EXPECT_FALSE(out.cooldown_out_left);
    ASSERT_THAT(out.changes, Not(IsEmpty()));
    for (const ChangeResult& result : out.changes) EXPECT_TRUE(result.skipped);
  }
  expect_untouched();
}

TEST_F(DryRunTest, a_scale_in_that_is_not_made_leaves_no_trace) {
  run(minutes(2));
  load_ = 200;
  run(minutes(2));
  EXPECT_EQ(last_->workloads[0].outcome, Outcome::kSkipped);
  EXPECT_EQ(last_->workloads[0].shadow_size, 2);
  balancer_.outage = Error{Code::kUnavailable, "no answer"};
  run(minutes(1));
  EXPECT_EQ(last_->workloads[0].outcome, Outcome::kSkipped);
  EXPECT_FALSE(last_->workloads[0].cooldown_in_left);
  balancer_.outage.reset();
  cluster_.outage = Error{Code::kUnavailable, "no answer"};
  run(minutes(1));
  EXPECT_EQ(last_->workloads[0].decision.from, 3);
  EXPECT_EQ(last_->workloads[0].outcome, Outcome::kSkipped);
  cluster_.outage.reset();
  load_ = 300;
  EXPECT_EQ(tick().decision.from, 3);
  for (const Lifecycle state : states()) EXPECT_EQ(state, Lifecycle::kInService);
  expect_untouched();
}

TEST_F(DryRunTest, the_real_size_counts_in_the_tick_in_which_it_changes) {
  run(minutes(2));
  somebody_starts("shop-4");
  EXPECT_EQ(tick().decision.from, 4);
  cluster_.instances.erase("shop-4");
  balancer_.entries.erase("shop-4");
  EXPECT_EQ(tick().decision.from, 3);
}

TEST_F(DryRunTest, the_shadow_grows_after_the_measured_time_to_readiness) {
  run(minutes(2));
  EXPECT_EQ(last_->workloads[0].shadow_size, 3);
  cluster_.healthy_at_once = false;
  cluster_.launch("shop", "shop-4", clock_.now() + seconds(5));
  run(seconds(20));
  cluster_.set_all_healthy(true);
  EXPECT_EQ(tick().time_to_ready, seconds(20));
  cluster_.instances.erase("shop-4");
  run(minutes(3));
  EXPECT_EQ(last_->workloads[0].shadow_size, 3);

  load_ = 500;
  tick();
  EXPECT_EQ(last_->workloads[0].shadow_size, 3) << "ordered";
  run(seconds(15));
  EXPECT_EQ(last_->workloads[0].shadow_size, 3);
  tick();
  EXPECT_EQ(last_->workloads[0].shadow_size, 5) << "ready after 20 s";
  load_ = 300;
  run(seconds(55));
  EXPECT_EQ(last_->workloads[0].shadow_size, 5) << "the shadow has windows of its own";
  run(seconds(15));
  EXPECT_EQ(last_->workloads[0].shadow_size, 3);
  expect_untouched();
}

TEST_F(DryRunTest, the_shadow_outlives_a_restart_and_its_journal_is_never_live) {
  run(minutes(2));
  load_ = 500;
  run(minutes(1));
  ASSERT_EQ(last_->workloads[0].shadow_size, 5);
  start(/*dry_run=*/true);
  tick();
  EXPECT_EQ(last_->workloads[0].shadow_size, 5);
  loop_.reset();
  journal_.reset();
  EXPECT_FALSE(Journal::open(path_, {}, /*dry_run=*/false).ok());
}

}  // namespace
}  // namespace autoscaler
