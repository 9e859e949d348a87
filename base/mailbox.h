#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace autoscaler {

// What other threads have finished, for one thread to collect.
template <typename Item>
class Mailbox {
 public:
  void put(Item item) {
    {
      const std::lock_guard lock(mutex_);
      items_.push_back(std::move(item));
    }
    some_.notify_one();
  }

  // Everything that has come. Where nothing has, waits until `end` for something to come.
  std::vector<Item> take(std::chrono::steady_clock::time_point end = {}) {
    std::unique_lock lock(mutex_);
    some_.wait_until(lock, end, [this] { return !items_.empty(); });
    return std::exchange(items_, {});
  }

 private:
  std::mutex mutex_;  // guards items_
  std::condition_variable some_;
  std::vector<Item> items_;
};

}  // namespace autoscaler
