#include "tests/controller/loop/loop_fixture.h"

namespace autoscaler {
namespace {

using namespace std::chrono_literals;

// A shop that needs 4 instances, and operators who know better.
class OrdersTest : public LoopTest {
 protected:
  OrdersTest() : LoopTest(kShop) {}

  Result<Orders> order(decltype(OrderRequest::order) what) {
    std::optional<Result<Orders>> answer;
    loop_->take({{"shop", std::move(what), [&](const Result<Orders>& given) { answer = given; }}});
    return answer ? *answer : Result<Orders>(Error{Code::kUnavailable, "no answer"});
  }
  int32_t size() const { return last_->workloads[0].decision.to; }
  Reason reason() const { return last_->workloads[0].decision.reason; }
};

TEST_F(OrdersTest, a_pause_counts_from_the_next_tick_until_its_time) {
  settle_at(400);
  ASSERT_TRUE(order(Pause{Pause::Direction::kAll, clock_.now() + 30s}).ok());
  load_ = 900;
  for (int i = 0; i < 5; ++i) {
    tick();
    EXPECT_EQ(reason(), Reason::kPaused);
    EXPECT_EQ(size(), 4);
  }
  EXPECT_EQ(tick().decision.reason, Reason::kScaleOut);
  EXPECT_EQ(last_->workloads[0].workload.orders, Orders{});
}

TEST_F(OrdersTest, what_is_ordered_survives_a_restart) {
  settle_at(400);
  ASSERT_TRUE(order(Pause{Pause::Direction::kIn, std::nullopt}).ok());
  const Result<Orders> both = order(SizeOrder{6, clock_.now() + 1h});
  ASSERT_TRUE(both.ok());
  EXPECT_TRUE(both->pause && both->size);
  start();
  tick();
  EXPECT_EQ(size(), 6);
  EXPECT_EQ(reason(), Reason::kSizeOrder);
  EXPECT_EQ(last_->workloads[0].workload.orders, *both);
}

TEST_F(OrdersTest, resume_takes_back_both) {
  settle_at(400);
  ASSERT_TRUE(order(Pause{}).ok());
  ASSERT_TRUE(order(SizeOrder{6, clock_.now() + 1h}).ok());
  const Result<Orders> none = order(Resume{});
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(*none, Orders{});
  load_ = 900;
  EXPECT_EQ(tick().decision.reason, Reason::kScaleOut);
}

TEST_F(OrdersTest, without_a_journal_nothing_is_taken) {
  settle_at(400);
  break_journal();
  const Result<Orders> refused = order(Pause{});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kUnavailable);
  mend_journal();
  load_ = 900;
  tick();
  EXPECT_EQ(last_->workloads[0].workload.orders, Orders{});
}

TEST_F(OrdersTest, the_journal_lists_them) {
  settle_at(400);
  ASSERT_TRUE(order(SizeOrder{6, clock_.now() + 1h}).ok());
  ASSERT_TRUE(order(Resume{}).ok());
  std::vector<std::string> changes;
  ASSERT_TRUE(journal_
                  ->intents({}, Instant{}, clock_.now() + 1h,
                            [&](const StoredIntent& row) {
                              if (row.intent.instance.empty()) changes.push_back(row.intent.change);
                              return true;
                            })
                  .ok());
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_TRUE(changes[0].starts_with("size 6 until "));
  EXPECT_EQ(changes[1], "resume");
}

// Four instances by load, eight from noon to one.
class ScheduledTest : public LoopTest {
 protected:
  ScheduledTest()
      : LoopTest(std::string(kShop) + R"(
    pause: {direction: in, until: 1971-01-01}
)") {
    ScheduleSpec lunch;
    const auto day = std::chrono::floor<std::chrono::days>(clock_.now());
    const std::chrono::local_days local(day.time_since_epoch() + std::chrono::days(1));
    lunch.times.when = ScheduleTimes::Once{local + 12h, local + 13h};
    lunch.min = 8;
    lunch.lead_by_readiness = true;
    config_.workloads[0].spec.policies.push_back({"lunch", lunch});
    noon_ = Instant(day) + 36h;
  }
  Instant noon_;
};

TEST_F(ScheduledTest, begins_early_by_the_time_to_readiness_and_hands_back_at_its_end) {
  settle_at(400);
  clock_.advance(noon_ - clock_.now() - 5min);
  const Duration lead = tick().time_to_ready.value();
  ASSERT_GT(lead, Duration{0});
  while (last_->now + 5s < noon_ - lead) EXPECT_EQ(tick().decision.to, 4);
  EXPECT_EQ(tick().decision.to, 8);
  EXPECT_EQ(last_->workloads[0].decision.reason, Reason::kScheduled);
  EXPECT_EQ(last_->workloads[0].workload.windows.size(), 1u);
  while (last_->now + 5s < noon_ + 1h) EXPECT_EQ(tick().decision.to, 8);
  EXPECT_EQ(tick().decision.reason, Reason::kStabilized);
  EXPECT_EQ(last_->workloads[0].decision.to, 8);
  run(1min);
  EXPECT_EQ(last_->workloads[0].decision.to, 4);
}

}  // namespace
}  // namespace autoscaler
