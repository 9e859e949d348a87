#include "controller/restore.h"
#include "tests/controller/loop/loop_fixture.h"

namespace autoscaler {
namespace {

using namespace std::chrono_literals;

constexpr Duration kInterval = 5s;

class HandOverTest : public testing::Test {
 protected:
  HandOverTest() {
    left_.workload = {kStart - 60s, kStart - 300s, 0};
    left_.policies = {{kStart - 60s, std::nullopt, 3}};
    left_.events = {{kStart - 60s, 3}};
    left_.orders.pause = Pause{};
    left_.ordered = kStart - 30s;
    recent_.policies.resize(1);
  }
  void take() { take_over(left_, kInterval, kStart, memory_); }

  HandOver left_;
  WorkloadMemory memory_;
  Recent& recent_ = memory_.recent.edit();
};

TEST_F(HandOverTest, WhoKnowsNothingTakesUpAll) {
  take();
  EXPECT_EQ(recent_.last_out, kStart - 60s);
  EXPECT_EQ(recent_.last_in, kStart - 300s);
  EXPECT_EQ(recent_.policies[0].last_out, kStart - 60s);
  EXPECT_EQ(recent_.policies[0].added, 3);
  EXPECT_EQ(recent_.events, left_.events);
  EXPECT_EQ(memory_.orders, left_.orders);
  EXPECT_EQ(memory_.ordered, left_.ordered);
}

TEST_F(HandOverTest, NothingOlderOverridesOurOwn) {
  recent_.last_out = kStart - 10s;
  recent_.last_in = kStart - 20s;
  recent_.policies[0].last_out = kStart - 10s;
  recent_.policies[0].added = 1;
  memory_.ordered = kStart - 5s;  // a resume
  take();
  EXPECT_EQ(recent_.last_out, kStart - 10s);
  EXPECT_EQ(recent_.last_in, kStart - 20s);
  EXPECT_EQ(recent_.policies[0].last_out, kStart - 10s);
  EXPECT_EQ(recent_.policies[0].added, 1);
  EXPECT_EQ(memory_.orders, Orders{});
  EXPECT_EQ(memory_.ordered, kStart - 5s);
}

TEST_F(HandOverTest, AResumeTakesBackAPauseThatWeHaveTakenUpBefore) {
  take();
  left_.orders = {};
  left_.ordered = kStart - 1s;
  take();
  EXPECT_EQ(memory_.orders, Orders{});
}

TEST_F(HandOverTest, AnEventThatBothHaveSeenCountsOnce) {
  recent_.events = {{kStart - 200s, 3}, {kStart - 57s, 3}, {kStart - 57s, -1}};
  recent_.turns = {kStart - 52s};
  left_.turns = {kStart - 60s, kStart - 600s};
  take();
  const std::vector<ScaleEvent> events{{kStart - 200s, 3}, {kStart - 60s, 3}, {kStart - 57s, -1}};
  EXPECT_EQ(recent_.events, events);
  const std::vector<Instant> turns{kStart - 600s, kStart - 60s};
  EXPECT_EQ(recent_.turns, turns);
}

TEST_F(HandOverTest, InstantsOfTheFutureCountAsNow) {
  left_.workload.last_out = left_.policies[0].last_in = left_.ordered = kStart + 1h;
  left_.events[0].at = kStart + 1h;
  left_.orders.pause->until = kStart - 1s;
  take();
  EXPECT_EQ(recent_.last_out, kStart);
  EXPECT_EQ(recent_.policies[0].last_in, kStart);
  EXPECT_EQ(recent_.events[0].at, kStart);
  EXPECT_EQ(memory_.ordered, kStart);
  EXPECT_EQ(memory_.orders, Orders{}) << "over by now";
}

TEST_F(HandOverTest, WhatIsLeftIsWhatIsTakenUp) {
  WorkloadSpec spec;
  spec.policies.resize(1);
  take();
  EXPECT_EQ(hand_over_of(spec, memory_), left_);
}

TEST_F(HandOverTest, OurOwnTimesToReadinessStayTheNewest) {
  memory_.ready_times = {7s};
  take_over(std::vector<Duration>(25, 3s), memory_);
  ASSERT_EQ(memory_.ready_times.size(), WorkloadMemory::kReadyTimes);
  EXPECT_EQ(memory_.ready_times.back(), 7s);
  EXPECT_EQ(memory_.ready_times.front(), 3s);
  EXPECT_GT(*memory_.time_to_ready, 3s);
  memory_.ready_times.assign(WorkloadMemory::kReadyTimes, 7s);
  take_over({3s}, memory_);
  EXPECT_EQ(memory_.ready_times, std::vector<Duration>(WorkloadMemory::kReadyTimes, 7s));
}

}  // namespace
}  // namespace autoscaler
