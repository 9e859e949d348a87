// The whole loop over a scale: what is written, when, and what is remembered of it.
#include "controller/dry_run.h"
#include "metrics/instant.h"
#include "tests/controller/loop/loop_fixture.h"
#include "tests/fakes/fake_scales.h"

namespace autoscaler {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const char* const kPods = R"(
workloads:
  - name: shop
    target: {kubernetes: {namespace: store, name: shop}}
    replicas: {min: 2, max: 20}
    warmup: 20s
    signals: {rps: {source: kubernetes, external: rps, unit: perSecond}}
    policies: [{track: {signal: rps, perInstance: 100/s}}]
    behavior: {scaleDown: {stabilizationWindowSeconds: 60}}
)";

class ScaleLoopTest : public LoopTest {
 protected:
  ScaleLoopTest() : LoopTest(kPods) { scales_.write("shop", 2); }
  Ports ports() override {
    return {clock_, scales_, writer_ ? *writer_ : scales_, balancer_, balancer_, {&source_}};
  }
  void settle_pods_at(double load) {
    load_ = load;
    run(minutes(4));
    scales_.log.clear();
  }

  FakeScales scales_;
  ClusterWriter* writer_ = nullptr;
};

TEST_F(ScaleLoopTest, growth_is_one_write_and_rest_is_none) {
  settle_pods_at(200);
  load_ = 400;
  EXPECT_EQ(tick().outcome, Outcome::kApplied);
  EXPECT_THAT(scales_.log, ElementsAre("resize 2 -> 4"));
  run(minutes(10));
  EXPECT_THAT(scales_.log, SizeIs(1));
  EXPECT_THAT(states(), Each(Lifecycle::kInService));
  EXPECT_THAT(balancer_.log, IsEmpty());
}

TEST_F(ScaleLoopTest, shrinking_waits_for_its_window_and_is_one_write) {
  settle_pods_at(400);
  load_ = 200;
  run(seconds(55));
  EXPECT_THAT(scales_.log, IsEmpty());
  run(seconds(15));
  EXPECT_THAT(scales_.log, ElementsAre("resize 4 -> 2"));
}

TEST_F(ScaleLoopTest, a_conflict_is_not_tried_again_but_decided_anew) {
  settle_pods_at(200);
  load_ = 400;
  scales_.before_write = [&] { scales_.write("shop", 6); };
  const WorkloadTick& refused = tick();
  EXPECT_EQ(refused.outcome, Outcome::kFailed);
  EXPECT_EQ(refused.changes.at(0).error->code, Code::kConflict);
  EXPECT_EQ(scales_.scales["shop"].spec_replicas, 6) << "of somebody else, and newer";
  scales_.before_write = {};
  EXPECT_EQ(tick().decision.from, 6);
  EXPECT_THAT(scales_.log, SizeIs(1));
  run(minutes(2));
  EXPECT_EQ(scales_.log.back(), "resize 6 -> 4") << "past its window, from the size that stands";
}

TEST_F(ScaleLoopTest, a_size_that_somebody_else_wrote_is_an_event_and_no_cooldown) {
  config_.workloads[0].spec.cooldown_out = minutes(10);
  settle_pods_at(200);
  scales_.write("shop", 3);
  const WorkloadTick& seen = tick();
  EXPECT_EQ(seen.workload.size, 3);
  ASSERT_THAT(seen.recent->events, SizeIs(1));
  EXPECT_EQ(seen.recent->events[0].change, 1);
  EXPECT_FALSE(seen.recent->last_out);
  load_ = 500;
  EXPECT_EQ(tick().decision.to, 5);
}

TEST_F(ScaleLoopTest, a_dry_run_writes_nothing) {
  SkippingClusterWriter skipping;
  writer_ = &skipping;
  start(true);
  load_ = 900;
  run(minutes(5));
  EXPECT_EQ(last_->workloads[0].outcome, Outcome::kSkipped);
  EXPECT_TRUE(last_->workloads[0].changes.at(0).skipped);
  EXPECT_EQ(last_->workloads[0].shadow_size, 9);
  EXPECT_EQ(scales_.scales["shop"].spec_replicas, 2);
  EXPECT_THAT(scales_.log, IsEmpty());
}

// One of two controllers. The lease lets it write, or not.
struct FakeElection final : LeaderElection {
  bool leads(const WorkloadId&) const override { return does_lead; }
  std::vector<Leadership> state() const override { return {{.leads = does_lead}}; }
  bool does_lead = false;
};

class StandbyTest : public ScaleLoopTest, public ClusterWriter {
 protected:
  StandbyTest() { config_.workloads[0].spec.cooldown_out = minutes(10); }
  Ports ports() override {
    Ports ports = ScaleLoopTest::ports();
    return {ports.clock,           ports.cluster_reader, *this,     ports.balancer_reader,
            ports.balancer_writer, ports.sources,        &election_};
  }
  std::vector<ChangeResult> apply(std::span<const Change> changes, Instant now) override {
    return election_.does_lead ? scales_.apply(changes, now) : skipping_.apply(changes, now);
  }
  void settle_behind_a_leader() {
    election_.does_lead = true;
    settle_pods_at(200);
    run(minutes(11));  // past the cooldown of the first size
    election_.does_lead = false;
    tick();
  }

  FakeElection election_;
  SkippingClusterWriter skipping_;
};

TEST_F(StandbyTest, it_decides_and_writes_nothing) {
  settle_behind_a_leader();
  load_ = 400;
  for (int i = 0; i < 3; ++i) {
    const WorkloadTick& seen = tick();
    EXPECT_EQ(seen.decision.to, 4);
    EXPECT_EQ(seen.outcome, Outcome::kSkipped);
    EXPECT_FALSE(seen.recent->last_out > clock_.now() - minutes(1)) << "nobody has written";
  }
  EXPECT_THAT(scales_.log, IsEmpty());
  EXPECT_FALSE(last_->workloads[0].leads);
}

TEST_F(StandbyTest, what_the_leader_did_as_it_would_have_is_remembered_as_its_own) {
  settle_behind_a_leader();
  load_ = 400;
  tick();
  const Instant decided = clock_.now();
  scales_.write("shop", 4);
  const WorkloadTick& seen = tick();
  EXPECT_EQ(seen.workload.size, 4);
  EXPECT_EQ(seen.recent->last_out, decided);
  ASSERT_THAT(seen.recent->events, testing::Not(IsEmpty()));
  EXPECT_EQ(seen.recent->events.back().at, decided);
  EXPECT_EQ(seen.recent->events.back().change, 2);
}

TEST_F(StandbyTest, what_the_leader_did_first_starts_the_cooldown_too) {
  settle_behind_a_leader();
  scales_.write("shop", 4);
  election_.does_lead = true;  // the leader died after it, and we have its lease
  load_ = 900;
  const WorkloadTick& seen = tick();
  EXPECT_EQ(seen.recent->last_out, clock_.now());
  EXPECT_EQ(seen.recent->events.back().change, 2);
  EXPECT_EQ(seen.decision.to, 4) << "it cools down";
  EXPECT_THAT(scales_.log, IsEmpty());
}

TEST_F(StandbyTest, it_takes_over_in_the_next_tick) {
  settle_behind_a_leader();
  load_ = 400;
  tick();
  election_.does_lead = true;
  EXPECT_EQ(tick().outcome, Outcome::kApplied);
  EXPECT_THAT(scales_.log, ElementsAre("resize 2 -> 4"));
  const Instant taken_over = clock_.now();
  EXPECT_EQ(tick().recent->last_out, taken_over);
}

TEST_F(ScaleLoopTest, of_a_target_that_somebody_else_sizes_nothing_is_written) {
  settle_pods_at(200);
  scales_.scales["shop"].owned_by_other = "HorizontalPodAutoscaler store/shop";
  load_ = 400;
  const WorkloadTick& seen = tick();
  EXPECT_EQ(seen.decision.to, 4) << "it is decided all the same";
  EXPECT_EQ(seen.outcome, Outcome::kFailed);
  ASSERT_THAT(seen.target_errors, SizeIs(1));
  EXPECT_EQ(seen.target_errors[0].code, Code::kConflict);
  EXPECT_THAT(seen.target_errors[0].message,
              HasSubstr("Deployment store/shop is sized by HorizontalPodAutoscaler store/shop"));
  run(minutes(1));
  EXPECT_THAT(scales_.log, IsEmpty());
  EXPECT_FALSE(last_->workloads[0].recent->last_out);
}

TEST_F(ScaleLoopTest, nothing_is_written_while_nobody_can_tell_who_else_sizes_it) {
  settle_pods_at(200);
  scales_.scales["shop"].others_unknown = Error{Code::kDenied, "cannot list such objects"};
  load_ = 400;
  const WorkloadTick& seen = tick();
  EXPECT_EQ(seen.decision.to, 4) << "it is decided all the same";
  EXPECT_EQ(seen.outcome, Outcome::kFailed);
  ASSERT_THAT(seen.target_errors, SizeIs(1));
  EXPECT_EQ(seen.target_errors[0].code, Code::kDenied);
  EXPECT_THAT(seen.target_errors[0].message, HasSubstr("cannot list such objects"));
  EXPECT_THAT(scales_.log, IsEmpty());
  scales_.scales["shop"].others_unknown.reset();
  tick();
  EXPECT_THAT(scales_.log, ElementsAre("resize 2 -> 4"));
}

TEST_F(ScaleLoopTest, annotations_of_the_target_pause_it) {
  settle_pods_at(200);
  scales_.scales["shop"].paused = "out";
  load_ = 400;
  EXPECT_EQ(tick().decision.reason, Reason::kPaused);
  scales_.scales["shop"].paused = "in";
  EXPECT_EQ(tick().decision.to, 4);
  scales_.scales["shop"].paused = "yes please";
  load_ = 900;
  const WorkloadTick& unreadable = tick();
  EXPECT_EQ(unreadable.decision.reason, Reason::kPaused) << "no change was meant by it";
  ASSERT_THAT(unreadable.target_errors, SizeIs(1));
  EXPECT_THAT(unreadable.target_errors[0].message, HasSubstr("yes please"));
}

TEST_F(ScaleLoopTest, an_annotation_with_an_end_pauses_until_then) {
  settle_pods_at(200);
  scales_.scales["shop"].paused_until = format_instant(clock_.now() + seconds(12));
  load_ = 400;
  run(seconds(10));
  EXPECT_THAT(scales_.log, IsEmpty());
  tick();
  EXPECT_THAT(scales_.log, ElementsAre("resize 2 -> 4"));
}

TEST_F(ScaleLoopTest, ending_leaves_the_target_alone) {
  settle_pods_at(400);
  EXPECT_TRUE(loop_->wind_down());
  EXPECT_THAT(scales_.log, IsEmpty());
  EXPECT_EQ(scales_.scales["shop"].spec_replicas, 4);
}

TEST_F(ScaleLoopTest, a_cluster_that_does_not_answer_is_not_written_to) {
  settle_pods_at(200);
  scales_.outage = Error{Code::kUnavailable, "connection refused"};
  load_ = 400;
  EXPECT_EQ(tick().outcome, Outcome::kFailed);
  EXPECT_THAT(scales_.log, IsEmpty());
  scales_.outage.reset();
  tick();
  EXPECT_THAT(scales_.log, ElementsAre("resize 2 -> 4"));
}

TEST_F(ScaleLoopTest, a_cooldown_goes_on_in_the_next_life) {
  config_.workloads[0].spec.cooldown_out = minutes(2);
  settle_pods_at(200);
  load_ = 300;
  tick();
  start();
  load_ = 400;
  run(seconds(115));
  EXPECT_EQ(last_->workloads[0].decision.reason, Reason::kCooldown);
  tick();
  EXPECT_THAT(scales_.log, ElementsAre("resize 2 -> 3", "resize 3 -> 4"));
}

TEST_F(ScaleLoopTest, a_write_that_was_lost_starts_no_cooldown) {
  config_.workloads[0].spec.cooldown_out = minutes(10);
  settle_pods_at(200);
  scales_.lost = Error{Code::kTimeout, "no answer within 10 s"};
  load_ = 400;
  EXPECT_EQ(tick().outcome, Outcome::kFailed);
  scales_.lost.reset();
  start();  // what is not known is not forgotten with the process
  EXPECT_EQ(tick().decision.to, 4);
  EXPECT_THAT(scales_.log, ElementsAre("resize 2 -> 4", "resize 2 -> 4"));
  EXPECT_THAT(last_->workloads[0].recent->events, IsEmpty());
}

TEST_F(ScaleLoopTest, a_write_whose_answer_was_lost_is_seen_and_counts) {
  config_.workloads[0].spec.cooldown_out = minutes(10);
  settle_pods_at(200);
  scales_.lost = Error{Code::kTimeout, "no answer within 10 s"};
  scales_.written_though_lost = true;
  load_ = 400;
  tick();
  scales_.lost.reset();
  load_ = 900;
  const WorkloadTick& seen = tick();
  EXPECT_EQ(seen.decision.from, 4);
  EXPECT_EQ(seen.decision.reason, Reason::kCooldown);
  ASSERT_THAT(seen.recent->events, SizeIs(1))
      << "one event, and not one of somebody else beside it";
}

TEST_F(ScaleLoopTest, what_is_decided_while_nothing_answers_is_not_taken_for_done) {
  settle_pods_at(200);
  scales_.lost = Error{Code::kTimeout, "no answer within 10 s"};
  scales_.written_though_lost = true;
  load_ = 400;
  tick();
  scales_.lost.reset();
  scales_.outage = Error{Code::kUnavailable, "connection refused"};
  load_ = 700;
  run(minutes(1));
  scales_.outage.reset();
  const WorkloadTick& seen = tick();
  EXPECT_EQ(seen.decision.from, 4);
  for (const ScaleEvent& event : seen.recent->events) EXPECT_GT(event.change, 0);
}

TEST_F(ScaleLoopTest, the_time_to_readiness_is_learned_from_pods) {
  settle_pods_at(200);
  scales_.ready_at_once = false;
  load_ = 400;
  run(seconds(35));  // made at the second tick
  EXPECT_EQ(states()[3], Lifecycle::kLaunching);
  scales_.set_ready(true, clock_.now() + seconds(2));
  const WorkloadTick& ready = tick();
  EXPECT_THAT(ready.became_ready, ElementsAre(seconds(27), seconds(27)));
  scales_.set_ready(false, clock_.now());
  tick();
  scales_.set_ready(true, clock_.now());
  EXPECT_THAT(tick().became_ready, IsEmpty()) << "only the first time tells";
}

TEST_F(ScaleLoopTest, pods_are_asked_at_their_address_or_where_their_annotation_says) {
  config_.workloads[0].queries[0].how = ScrapeRead{RateOf{{"requests", {}}}};
  start();
  tick();
  auto& pods = scales_.pods["shop"];
  pods.begin()->second.page = "http://10.0.0.9:9102/stats";
  SharedList<Target> targets;
  std::string selector;
  scales_.scales["shop"].selector = "app=shop";
  source_ = FakeSource([&](const WorkloadQuery& query, size_t, Instant now) {
    targets = query.targets;
    selector = query.pod_selector;
    return Signal{Reading(Measured{200.0, now, seconds(30)})};
  });
  tick();
  ASSERT_THAT(targets, SizeIs(2));
  EXPECT_EQ(targets[0].url, "http://10.0.0.9:9102/stats");
  EXPECT_EQ(targets[1].url, "http://" + targets[1].address + "/metrics");
  EXPECT_EQ(selector, "app=shop");
}

TEST_F(ScaleLoopTest, a_record_that_somebody_keeps_stays_as_it_was_and_the_next_begins_empty) {
  settle_pods_at(200);
  load_.reset();
  scales_.outage = Error{Code::kUnavailable, "no answer"};
  tick();
  const std::shared_ptr<const TickRecord> kept = last_;
  const std::string before = kept->workloads[0].cluster_error->message;
  const size_t runs = kept->workloads[0].recent->recommendations.size();
  tick();  // whose record nobody keeps
  scales_.outage.reset();
  load_ = 900;
  for (int i = 0; i < 4; ++i) {
    tick();
    EXPECT_FALSE(last_->workloads[0].cluster_error) << i;
  }
  EXPECT_EQ(kept->workloads[0].cluster_error->message, before);
  EXPECT_EQ(kept->workloads[0].recent->recommendations.size(), runs);
  EXPECT_EQ(kept->workloads[0].decision.to, 2);
  EXPECT_EQ(kept->number + 5, last_->number);
}

}  // namespace
}  // namespace autoscaler
