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

void WorkerPool::run(const std::string& owner, Job job) {
  bool all_busy = false;
  {
    const std::lock_guard lock(mutex_);
    Owner& its = owners_[owner];
    its.jobs.push_back(std::move(job));
    ++waiting_;
    queue(owner, its);
    all_busy = idle_ < waiting_;
  }
  if (all_busy && threads_.size() < most_) {
    std::thread thread = start_deaf_thread([this] { work(); });
    if (thread.joinable()) threads_.push_back(std::move(thread));
    CHECK(!threads_.empty());
  }
  some_.notify_one();
}

void WorkerPool::queue(const std::string& name, Owner& owner) {
  const bool has_room = name.empty() || owner.running < most_of_one_;
  if (owner.has_turn || owner.jobs.empty() || !has_room) return;
  owner.has_turn = true;
  turns_.push_back(name);
}

void WorkerPool::work() {
  const std::stop_token stop = stop_.get_token();
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    const bool any = some_.wait(lock, stop, [this] { return !turns_.empty(); });
    --idle_;
    if (!any || stop.stop_requested()) return;
    const std::string name = std::move(turns_.front());
    turns_.pop_front();
    Owner& owner = owners_.at(name);
    owner.has_turn = false;
    const Job job = std::move(owner.jobs.front());
    owner.jobs.pop_front();
    --waiting_;
    ++owner.running;
    queue(name, owner);
    if (!turns_.empty()) some_.notify_one();
    lock.unlock();
    job(stop);
    lock.lock();
    --owner.running;
    queue(name, owner);
    if (owner.jobs.empty() && owner.running == 0) owners_.erase(name);
  }
}

}  // namespace autoscaler
