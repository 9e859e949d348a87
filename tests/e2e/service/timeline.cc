#include "tests/e2e/service/timeline.h"

#include <utility>

namespace autoscaler::e2e {

void Timeline::at(Instant when, std::function<void()> action) {
  std::lock_guard lock(mutex_);
  auto place = planned_.emplace(when, std::move(action));
  if (place == planned_.begin()) changed_.notify_one();
}

void Timeline::run() {
  std::unique_lock lock(mutex_);
  while (!finished_) {
    if (planned_.empty()) {
      changed_.wait(lock);
      continue;
    }
    auto first = planned_.begin();
    if (first->first > std::chrono::steady_clock::now()) {
      changed_.wait_until(lock, Instant(first->first));
      continue;
    }
    auto action = std::move(first->second);
    planned_.erase(first);
    lock.unlock();
    action();
    action = nullptr;  // its captures go before the lock is back
    lock.lock();
  }
}

void Timeline::finish() {
  std::lock_guard lock(mutex_);
  finished_ = true;
  changed_.notify_one();
}

}  // namespace autoscaler::e2e
