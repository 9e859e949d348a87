#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace autoscaler {

// Runs jobs in their order on a few threads of its own, in which no signal is handled.
class WorkerPool {
 public:
  // Must not throw. Ends soon once `stop` is requested.
  using Job = std::function<void(const std::stop_token& stop)>;

  explicit WorkerPool(size_t threads);
  // Asks those under way to stop, drops those that have not begun, and waits for the threads.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  void run(Job job);

 private:
  void work();

  std::stop_source stop_;
  std::mutex mutex_;  // guards jobs_
  std::condition_variable_any some_;
  std::deque<Job> jobs_;
  std::vector<std::thread> threads_;
};

}  // namespace autoscaler
