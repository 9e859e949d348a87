#include "base/fan_out.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <csignal>
#include <pthread.h>
#include <thread>
#include <vector>

namespace autoscaler {
namespace {

using ::testing::Each;

TEST(FanOut, RunsAsManyAsAreAllowedAtTheSameTime) {
  // Each waits for all others: it would hang if one were late.
  std::barrier together(kMostAtOnce);
  std::vector<int> runs(kMostAtOnce);
  fan_out(runs.size(), [&](size_t i) {
    together.arrive_and_wait();
    ++runs[i];
  });
  EXPECT_THAT(runs, Each(1));
}

TEST(FanOut, RunsEachOfManyOnceAndNeverMoreThanAreAllowed) {
  std::atomic<size_t> under_way = 0;
  std::atomic<size_t> most = 0;
  std::vector<int> runs(20 * kMostAtOnce);
  fan_out(runs.size(), [&](size_t i) {
    const size_t now = ++under_way;
    for (size_t seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
    }
    std::this_thread::yield();
    ++runs[i];
    --under_way;
  });
  EXPECT_THAT(runs, Each(1));
  EXPECT_LE(most, kMostAtOnce);
}

TEST(FanOut, NeedsNoThreadForOne) {
  std::thread::id ran_in;
  fan_out(1, [&](size_t) { ran_in = std::this_thread::get_id(); });
  EXPECT_EQ(ran_in, std::this_thread::get_id());
}

TEST(FanOut, RunsNothingForNone) {
  fan_out(0, [](size_t) { ADD_FAILURE(); });
}

TEST(FanOut, LeavesSignalsToTheCallingThread) {
  const std::thread::id caller = std::this_thread::get_id();
  std::barrier together(3);
  std::atomic<int> deaf = 0;
  fan_out(3, [&](size_t) {
    together.arrive_and_wait();
    sigset_t blocked;
    ASSERT_EQ(pthread_sigmask(SIG_SETMASK, nullptr, &blocked), 0);
    const bool is_deaf = sigismember(&blocked, SIGTERM) == 1;
    EXPECT_EQ(is_deaf, std::this_thread::get_id() != caller);
    if (is_deaf) ++deaf;
  });
  EXPECT_EQ(deaf, 2);
}

}  // namespace
}  // namespace autoscaler
