#include "base/worker_pool.h"

#include "base/check.h"
#include "base/deaf_thread.h"

#include <utility>

namespace autoscaler {

WorkerPool::WorkerPool(size_t threads) {
  for (size_t i = 0; i < threads; ++i) {
    std::thread thread = start_deaf_thread([this] { work(); });
    if (thread.joinable()) threads_.push_back(std::move(thread));
  }
  CHECK(!threads_.empty());
}

WorkerPool::~WorkerPool() {
  stop_.request_stop();
  some_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WorkerPool::run(Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  some_.notify_one();
}

void WorkerPool::work() {
  const std::stop_token stop = stop_.get_token();
  while (true) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      if (!some_.wait(lock, stop, [this] { return !jobs_.empty(); }) || stop.stop_requested()) {
        return;
      }
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job(stop);
  }
}

}  // namespace autoscaler
