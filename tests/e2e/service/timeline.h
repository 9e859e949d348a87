#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>

namespace autoscaler::e2e {

// Things to do at their times, on the one thread that runs it. Adding is for any thread.
class Timeline {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  void at(Instant when, std::function<void()> action);
  // Until finish(): what is still planned then is dropped.
  void run();
  void finish();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<Instant, std::function<void()>> planned_;
  bool finished_ = false;
};

}  // namespace autoscaler::e2e
