#pragma once

#include "base/deadline.h"

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

  // Everything that has come.
  std::vector<Item> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(items_, {});
  }
  // The same; where nothing has come, waits for something. Empty: the deadline is over.
  std::vector<Item> wait(const Deadline& deadline) {
    std::unique_lock lock(mutex_);
    some_.wait_until(lock, deadline.end(), [this] { return !items_.empty(); });
    return std::exchange(items_, {});
  }

 private:
  std::mutex mutex_;  // guards items_
  std::condition_variable some_;
  std::vector<Item> items_;
};

}  // namespace autoscaler
