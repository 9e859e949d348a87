#include "tests/e2e/service/worker_pool.h"

#include <gtest/gtest.h>

namespace autoscaler::e2e {
namespace {

using namespace std::chrono_literals;

PoolSpec spec(int workers, Duration service_time, int queue) {
  PoolSpec made;
  made.workers = workers;
  made.service_time = service_time;
  made.queue = queue;
  return made;
}

TEST(WorkerPool, AFreeWorkerStartsAtOnce) {
  WorkerPool pool(spec(2, 50ms, 0));
  EXPECT_EQ(pool.admit(10ms), 60ms);
  EXPECT_EQ(pool.admit(20ms), 70ms);
  EXPECT_EQ(pool.admit(60ms), 110ms);
}

TEST(WorkerPool, OthersWaitInTheOrderTheyCame) {
  WorkerPool pool(spec(2, 50ms, 3));
  EXPECT_EQ(pool.admit(0ms), 50ms);
  EXPECT_EQ(pool.admit(10ms), 60ms);
  EXPECT_EQ(pool.admit(20ms), 100ms);  // from 50 on the first worker
  EXPECT_EQ(pool.admit(20ms), 110ms);
  EXPECT_EQ(pool.admit(20ms), 150ms);
  EXPECT_EQ(pool.waiting(20ms), 3);
  EXPECT_EQ(pool.in_flight(20ms), 5);
  EXPECT_EQ(pool.waiting(50ms), 2);
  EXPECT_EQ(pool.in_flight(50ms), 4);
  EXPECT_EQ(pool.in_flight(150ms), 0);
}

TEST(WorkerPool, AFullQueueRefusesUntilAPlaceIsFree) {
  WorkerPool pool(spec(1, 100ms, 1));
  EXPECT_EQ(pool.admit(0ms), 100ms);
  EXPECT_EQ(pool.admit(1ms), 200ms);
  EXPECT_EQ(pool.admit(99ms), std::nullopt);
  EXPECT_EQ(pool.admit(100ms), 300ms);
}

TEST(WorkerPool, WithoutAQueueOnlyFreeWorkersTakeWork) {
  WorkerPool pool(spec(1, 100ms, 0));
  EXPECT_EQ(pool.admit(0ms), 100ms);
  EXPECT_EQ(pool.admit(99ms), std::nullopt);
  EXPECT_EQ(pool.admit(100ms), 200ms);
}

TEST(WorkerPool, AboveCapacityItServesItsCapacityAndRefusesTheRest) {
  WorkerPool pool(spec(4, 50ms, 20));  // 80 per second
  int served = 0;
  for (int i = 0; i < 1600; ++i) {  // 160 per second for 10 s
    if (pool.admit(i * 6250us)) ++served;
  }
  EXPECT_EQ(served, 800 + 20);  // what was begun in 10 s, and what waits at their end
}

TEST(WorkerPool, CountsTheBusyTimeOfWorkersUpToNow) {
  WorkerPool pool(spec(2, 100ms, 10));
  pool.admit(0ms);
  pool.admit(50ms);
  pool.admit(60ms);  // from 100 to 200
  EXPECT_EQ(pool.busy(0ms), 0ms);
  EXPECT_EQ(pool.busy(80ms), 80ms + 30ms);
  EXPECT_EQ(pool.busy(120ms), 100ms + 70ms + 20ms);
  EXPECT_EQ(pool.busy(10s), 300ms);
}

TEST(WorkerPool, IsSlowAtFirstAndAsFastAsStatedAfterTheWarmUp) {
  PoolSpec warm = spec(1, 100ms, 0);
  warm.warmup = 10s;
  warm.warmup_factor = 3;
  WorkerPool pool(warm);
  EXPECT_EQ(pool.admit(0s), 300ms);
  EXPECT_EQ(pool.admit(5s), 5s + 200ms);
  EXPECT_EQ(pool.admit(10s), 10s + 100ms);
}

TEST(WorkerPool, ExponentialServiceTimesHaveTheStatedMeanAndRepeat) {
  PoolSpec random = spec(100'000, 50ms, 0);
  random.jitter = Jitter::kExponential;
  WorkerPool one(random);
  WorkerPool same(random);
  Duration sum{0};
  for (int i = 0; i < 20'000; ++i) {
    auto finish = one.admit(0ms);
    EXPECT_EQ(finish, same.admit(0ms));
    sum += *finish;
  }
  EXPECT_NEAR(seconds(sum) / 20'000, 0.050, 0.001);  // the error's deviation is 0.05/sqrt(20000)
}

}  // namespace
}  // namespace autoscaler::e2e
