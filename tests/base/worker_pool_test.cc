#include "base/worker_pool.h"

#include "tests/fakes/eventually.h"

#include <gmock/gmock.h>

#include <atomic>
#include <semaphore>

namespace autoscaler {
namespace {

using ::testing::ElementsAre;

// Jobs that note their names when they begin, and end when they may, or must.
class WorkerPoolTest : public testing::Test {
 protected:
  void run(WorkerPool& pool, const std::string& owner, const std::string& name) {
    pool.run(owner, [this, name](const std::stop_token& stop) {
      {
        const std::lock_guard lock(mutex_);
        begun_.push_back(name);
      }
      while (!stop.stop_requested() && !go_.try_acquire_for(std::chrono::milliseconds(1))) {
      }
    });
  }
  std::vector<std::string> begun() {
    const std::lock_guard lock(mutex_);
    return begun_;
  }
  bool begin(size_t count) {
    return eventually([&] { return begun().size() == count; });
  }

  std::counting_semaphore<> go_{0};
  std::mutex mutex_;
  std::vector<std::string> begun_;
};

TEST_F(WorkerPoolTest, OwnersTakeTurnsHoweverManyJobsOneHas) {
  WorkerPool pool(1);
  for (const char* job : {"a1", "a2", "a3"}) run(pool, "a", job);
  ASSERT_TRUE(begin(1));
  run(pool, "b", "b1");
  run(pool, "c", "c1");
  go_.release(4);
  ASSERT_TRUE(begin(5));
  EXPECT_THAT(begun(), ElementsAre("a1", "b1", "c1", "a2", "a3"));
}

TEST_F(WorkerPoolTest, OneOwnerHasHalfOfTheThreadsAtTheMost) {
  WorkerPool pool(4);
  for (const char* job : {"a", "a", "a", "a"}) run(pool, "a", job);
  ASSERT_TRUE(begin(2));
  run(pool, "b", "b");
  run(pool, "c", "c");
  ASSERT_TRUE(begin(4)) << "though those of the first hang";
  EXPECT_THAT(begun(), testing::UnorderedElementsAre("a", "a", "b", "c"));
  go_.release(4);
  EXPECT_TRUE(begin(6)) << "and in the end all of them";
}

TEST_F(WorkerPoolTest, WhatIsOursMayHaveAllThreads) {
  WorkerPool pool(4);
  for (int i = 0; i < 5; ++i) run(pool, "", "ours");
  EXPECT_TRUE(begin(4));
}

TEST_F(WorkerPoolTest, AnIdleThreadIsUsedAgainAndOneMoreStartedForWhatItHasNoTimeFor) {
  WorkerPool pool(4);
  run(pool, "a", "first");
  go_.release();
  ASSERT_TRUE(begin(1));
  for (int i = 0; i < 2; ++i) run(pool, "a", "more");
  EXPECT_TRUE(begin(3));
}

TEST_F(WorkerPoolTest, ItEndsWithoutThoseThatHaveNotBegun) {
  std::atomic<int> begun = 0;
  {
    WorkerPool pool(1);
    for (int i = 0; i < 3; ++i) {
      pool.run("a", [&](const std::stop_token& stop) {
        ++begun;
        while (!stop.stop_requested()) std::this_thread::yield();
      });
    }
    ASSERT_TRUE(eventually([&] { return begun == 1; }));
  }
  EXPECT_EQ(begun, 1);
}

}  // namespace
}  // namespace autoscaler
