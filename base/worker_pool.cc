#include "base/worker_pool.h"

#include "base/check.h"
#include "base/deaf_thread.h"

#include <utility>

namespace autoscaler {

WorkerPool::~WorkerPool() {
  stop_.request_stop();
  some_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WorkerPool::run(Job job) {
  bool all_busy = false;
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    all_busy = idle_ < jobs_.size();
  }
  if (all_busy && threads_.size() < most_) {
    std::thread thread = start_deaf_thread([this] { work(); });
    if (thread.joinable()) threads_.push_back(std::move(thread));
    CHECK(!threads_.empty());
  }
  some_.notify_one();
}

void WorkerPool::work() {
  const std::stop_token stop = stop_.get_token();
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    const bool any = some_.wait(lock, stop, [this] { return !jobs_.empty(); });
    --idle_;
    if (!any || stop.stop_requested()) return;
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job(stop);
    lock.lock();
  }
}

}  // namespace autoscaler
