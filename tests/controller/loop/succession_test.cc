// One controller after another, over the same scales: what the second knows of what the first did.
#include "tests/controller/loop/loop_fixture.h"
#include "tests/fakes/fake_scales.h"

namespace autoscaler {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const char* const kPods = R"(
workloads:
  - name: shop
    target: {kubernetes: {namespace: store, name: shop}}
    replicas: {min: 2, max: 20}
    signals: {rps: {source: kubernetes, external: rps, unit: perSecond}}
    policies: [{track: {signal: rps, perInstance: 100/s}}]
    behavior: {scaleDown: {stabilizationWindowSeconds: 0}}
)";

struct FakeElection final : LeaderElection {
  bool leads(const WorkloadId&) const override { return does_lead; }
  std::vector<Leadership> state() const override {
    return {{.leads = does_lead,
             .lease = "scaling/autoscaler",
             .identity = "pod-1_a",
             .holder = does_lead ? "pod-1_a" : holder,
             .transitions = transitions}};
  }
  bool does_lead = true;
  std::string holder = "pod-2_b";
  uint64_t transitions = 0;
};

// What a cluster would keep.
struct KeptSuccession final : Succession {
  Result<std::vector<Left>> left(std::span<const Heir> heirs) override {
    asked.assign(heirs.begin(), heirs.end());
    if (error) return *error;
    if (!read) return std::vector<Left>{};
    return std::vector<Left>{{0, hand_over, experience}};
  }
  void leave(const WorkloadConfig&, HandOver left) override {
    ++hand_overs;
    hand_over = std::move(left);
  }
  void leave(const WorkloadConfig&, Experience left) override {
    ++experiences;
    experience = std::move(left);
  }
  void send() override { ++sent; }
  HandOver hand_over;
  Experience experience;
  std::vector<Heir> asked;
  std::optional<Error> error;
  bool read = false;
  int hand_overs = 0;
  int experiences = 0;
  int sent = 0;
};

class SuccessionTest : public LoopTest {
 protected:
  SuccessionTest() : LoopTest(kPods) {
    config_.workloads[0].spec.cooldown_out = minutes(10);
    scales_.write("shop", 2);
  }
  Ports ports() override {
    Ports ports{clock_, scales_, scales_, balancer_, balancer_, {&source_}, &election_};
    ports.succession = &succession_;
    return ports;
  }
  void lead_at(double load) {
    load_ = load;
    run(minutes(15));
    scales_.log.clear();
  }
  // A new pod: no journal, and the first tick of a new leader.
  void succeed() {
    std::filesystem::remove(path_);
    path_ = directory_ / "new.db";
    ++election_.transitions;
    succession_.read = true;
    start();
    tick();
    succession_.read = false;
  }
  Result<Orders> order(decltype(OrderRequest::order) what) {
    std::optional<Result<Orders>> answer;
    loop_->take({{"shop", std::move(what), [&](const Result<Orders>& given) { answer = given; }}});
    return *answer;
  }

  FakeScales scales_;
  FakeElection election_;
  KeptSuccession succession_;
};

TEST_F(SuccessionTest, a_successor_without_a_journal_knows_the_cooldown) {
  lead_at(200);
  load_ = 400;
  tick();
  ASSERT_THAT(scales_.log, ElementsAre("resize 2 -> 4"));
  const Instant resized = clock_.now();
  load_ = 900;
  succeed();
  EXPECT_EQ(last_->workloads[0].recent->last_out, resized);
  EXPECT_EQ(last_->workloads[0].decision.reason, Reason::kCooldown);
  run(minutes(9));
  EXPECT_THAT(scales_.log, SizeIs(1));
  run(minutes(1));
  EXPECT_THAT(scales_.log, ElementsAre("resize 2 -> 4", "resize 4 -> 8"));
}

TEST_F(SuccessionTest, a_pause_that_was_ordered_holds_the_successor_before_the_next_tick_of_ours) {
  lead_at(200);
  ASSERT_TRUE(order(Pause{}).ok());
  load_ = 400;
  succeed();
  EXPECT_EQ(last_->workloads[0].decision.reason, Reason::kPaused);
  ASSERT_TRUE(order(Resume{}).ok());
  succeed();
  EXPECT_EQ(last_->workloads[0].outcome, Outcome::kApplied);
}

TEST_F(SuccessionTest, nothing_is_written_before_it_is_known_what_was_left) {
  lead_at(200);
  load_ = 400;
  succession_.error = Error{Code::kUnavailable, "connection refused"};
  const int left = succession_.hand_overs;
  const WorkloadTick& seen = tick();
  EXPECT_EQ(succession_.hand_overs, left) << "it is not written over either";
  EXPECT_EQ(seen.decision.to, 4);
  EXPECT_EQ(seen.outcome, Outcome::kFailed);
  ASSERT_THAT(seen.target_errors, SizeIs(1));
  EXPECT_THAT(seen.target_errors[0].message, HasSubstr("connection refused"));
  EXPECT_THAT(scales_.log, IsEmpty());
  succession_.error.reset();
  EXPECT_EQ(tick().outcome, Outcome::kApplied);
}

TEST_F(SuccessionTest, while_it_is_not_known_for_long_growth_is_written_and_nothing_else) {
  lead_at(800);
  succession_.error = Error{Code::kTimeout, "no whole answer within 10000 ms"};
  load_ = 400;
  tick();
  EXPECT_THAT(last_->workloads[0].target_errors.at(0).message, HasSubstr("not written yet"));
  run(minutes(30));
  EXPECT_EQ(last_->workloads[0].decision.to, 4);
  EXPECT_THAT(scales_.log, IsEmpty()) << "it may be paused";
  EXPECT_THAT(last_->workloads[0].target_errors.at(0).message, HasSubstr("nothing is scaled in"));
  load_ = 1200;
  tick();
  EXPECT_THAT(scales_.log, ElementsAre("resize 8 -> 12"));
  const int left = succession_.hand_overs;
  // It was paused indeed.
  succession_.error.reset();
  succession_.read = true;
  succession_.hand_over.orders.pause = Pause{};
  succession_.hand_over.ordered = clock_.now();
  load_ = 400;
  EXPECT_EQ(tick().decision.reason, Reason::kPaused);
  EXPECT_GT(succession_.hand_overs, left);
}

// Each time that it begins to lead it waits anew.
TEST_F(SuccessionTest, how_long_it_is_not_known_counts_from_the_lead_on) {
  lead_at(200);
  election_.does_lead = false;
  succession_.error = Error{Code::kTimeout, "no whole answer within 10000 ms"};
  run(minutes(1));
  election_.does_lead = true;
  load_ = 400;
  tick();
  EXPECT_THAT(scales_.log, IsEmpty());
  run(seconds(15));
  EXPECT_THAT(scales_.log, ElementsAre("resize 2 -> 4"));
}

TEST_F(SuccessionTest, who_stands_by_takes_no_order_and_names_who_does) {
  lead_at(200);
  election_.does_lead = false;
  const Result<Orders> refused = order(Pause{});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kConflict);
  EXPECT_THAT(refused.error().message, HasSubstr("pod-2_b holds the lease scaling/autoscaler"));
  EXPECT_THAT(refused.error().message, HasSubstr("autoscaler.io/paused"));
  // Ours, and run out: nobody leads.
  election_.holder = "pod-1_a";
  EXPECT_THAT(order(Pause{}).error().message, HasSubstr("nobody that it knows of"));
  election_.does_lead = true;
  load_ = 400;
  EXPECT_EQ(tick().decision.to, 4) << "what was refused does not come alive";
  EXPECT_TRUE(order(Pause{}).ok());
}

// These scales take a write of anybody: as for one whose lease comes in mid-tick.
TEST_F(SuccessionTest, what_was_decided_as_a_standby_is_not_written) {
  lead_at(200);
  election_.does_lead = false;
  load_ = 400;
  EXPECT_EQ(tick().outcome, Outcome::kSkipped);
  EXPECT_THAT(scales_.log, IsEmpty());
}

TEST_F(SuccessionTest, who_stands_by_leaves_nothing_and_need_not_know) {
  election_.does_lead = false;
  succession_.error = Error{Code::kUnavailable, "connection refused"};
  load_ = 200;
  run(minutes(11));
  EXPECT_EQ(succession_.hand_overs, 0);
  EXPECT_EQ(succession_.experiences, 0);
  EXPECT_THAT(last_->workloads[0].target_errors, IsEmpty());
  ASSERT_TRUE(loop_->end().ok());
  EXPECT_EQ(succession_.hand_overs, 0);
  ASSERT_THAT(succession_.asked, SizeIs(1));
  EXPECT_FALSE(succession_.asked[0].leads);
}

TEST_F(SuccessionTest, times_to_readiness_are_left_every_five_minutes_and_at_the_end) {
  load_ = 200;
  tick();
  EXPECT_EQ(succession_.experiences, 1);
  run(minutes(9));
  EXPECT_EQ(succession_.experiences, 2);
  scales_.ready_at_once = false;
  load_ = 400;
  tick();
  run(seconds(30));
  scales_.set_ready(true, clock_.now());
  tick();
  ASSERT_TRUE(loop_->end().ok());
  EXPECT_EQ(succession_.experiences, 3);
  EXPECT_THAT(succession_.experience.ready_times, testing::Not(IsEmpty()));
  succeed();
  EXPECT_TRUE(last_->workloads[0].time_to_ready);
}

}  // namespace
}  // namespace autoscaler
