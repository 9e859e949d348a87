#include "metrics/breaker.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace autoscaler {
namespace {

using namespace std::chrono_literals;

const Instant kStart{std::chrono::hours(1)};

Breaker opened(BreakerRule rule = {}, uint64_t seed = 1) {
  Breaker breaker(rule, seed);
  for (int i = 0; i < rule.failures; ++i) breaker.failed(kStart);
  return breaker;
}

// Fails every probe; the pauses from each opening to the next permitted try.
std::vector<Duration> pauses(Breaker breaker, int count) {
  std::vector<Duration> found;
  Instant now = kStart;
  for (int i = 0; i < count; ++i) {
    const Instant next = breaker.next_try().value();
    found.push_back(next - now);
    now = next;
    EXPECT_TRUE(breaker.may_ask(now));
    breaker.failed(now);
  }
  return found;
}

TEST(Breaker, OpensAtTheThirdFailureInARow) {
  Breaker breaker({}, 1);
  EXPECT_EQ(breaker.state(), BreakerState::kClosed);
  breaker.failed(kStart);
  breaker.failed(kStart);
  EXPECT_EQ(breaker.state(), BreakerState::kClosed);
  EXPECT_TRUE(breaker.may_ask(kStart));
  breaker.failed(kStart);
  EXPECT_EQ(breaker.state(), BreakerState::kOpen);
  EXPECT_EQ(breaker.failures(), 3);
  EXPECT_FALSE(breaker.may_ask(kStart));
}

TEST(Breaker, ASuccessBetweenFailuresStartsTheCountAnew) {
  Breaker breaker({}, 1);
  for (int i = 0; i < 10; ++i) {
    breaker.failed(kStart);
    breaker.failed(kStart);
    breaker.succeeded();
  }
  EXPECT_EQ(breaker.state(), BreakerState::kClosed);
  EXPECT_EQ(breaker.failures(), 0);
}

TEST(Breaker, IsShutUntilItsPauseIsOverAndThenLetsOneProbeThrough) {
  Breaker breaker = opened();
  const Instant next = breaker.next_try().value();
  EXPECT_FALSE(breaker.may_ask(next - 1ms));
  EXPECT_TRUE(breaker.may_ask(next));
  EXPECT_EQ(breaker.state(), BreakerState::kHalfOpen);
  EXPECT_EQ(breaker.next_try(), std::nullopt);
  EXPECT_FALSE(breaker.may_ask(next + 1h)) << "one probe at a time";
}

TEST(Breaker, AGoodProbeClosesItAndTheNextOutageStartsWithTheShortestPause) {
  Breaker breaker = opened();
  ASSERT_TRUE(breaker.may_ask(kStart + 1h));
  breaker.failed(kStart + 1h);
  ASSERT_TRUE(breaker.may_ask(kStart + 2h));
  breaker.succeeded();
  EXPECT_EQ(breaker.state(), BreakerState::kClosed);
  for (int i = 0; i < 3; ++i) breaker.failed(kStart + 3h);
  EXPECT_LE(breaker.next_try().value(), kStart + 3h + 1s);
}

TEST(Breaker, EachFailedProbeDoublesThePauseUpToTheLongest) {
  const std::vector<Duration> found = pauses(opened(), 12);
  Duration longest = 1s;
  for (const Duration pause : found) {
    EXPECT_GE(pause, longest / 2);
    EXPECT_LE(pause, longest);
    longest = std::min<Duration>(2 * longest, 1min);
  }
  EXPECT_GE(found.back(), 30s);
}

TEST(Breaker, NeverOverflowsHoweverLongTheOutage) {
  for (const Duration pause : pauses(opened(), 1000)) {
    EXPECT_GT(pause, 0ms);
    EXPECT_LE(pause, 1min);
  }
}

TEST(Breaker, PausesRepeatForASeedAndDifferBetweenSeeds) {
  EXPECT_EQ(pauses(opened({}, 7), 8), pauses(opened({}, 7), 8));
  std::set<Duration> first;
  for (uint64_t seed = 0; seed < 50; ++seed) first.insert(pauses(opened({}, seed), 1).front());
  EXPECT_GT(first.size(), 30u);
}

TEST(Breaker, LateFailuresOfQuestionsAskedBeforeItOpenedDoNotMakeThePauseLonger) {
  Breaker breaker = opened();
  const Instant next = breaker.next_try().value();
  breaker.failed(kStart + 400ms);
  EXPECT_EQ(breaker.next_try(), next);
  EXPECT_EQ(breaker.failures(), 3);
}

TEST(Breaker, ALateSuccessClosesIt) {
  Breaker breaker = opened();
  breaker.succeeded();
  EXPECT_TRUE(breaker.may_ask(kStart));
}

TEST(Breaker, AnAbandonedProbeLetsTheNextOneThrough) {
  Breaker breaker = opened();
  ASSERT_TRUE(breaker.may_ask(kStart + 1h));
  breaker.abandoned();
  EXPECT_TRUE(breaker.may_ask(kStart + 1h));
}

TEST(Breaker, AClockThatWentBackDoesNotKeepItShut) {
  Breaker breaker = opened();
  EXPECT_TRUE(breaker.may_ask(kStart - 1h));
}

TEST(Breaker, SaysItsHealth) {
  const Breaker breaker = opened();
  const SourceHealth health = health_of("prometheus", breaker);
  EXPECT_EQ(health.source, "prometheus");
  EXPECT_STREQ(breaker_state_name(health.state), "open");
  EXPECT_EQ(health.failures, 3);
  EXPECT_EQ(health.next_try, breaker.next_try());
}

}  // namespace
}  // namespace autoscaler
