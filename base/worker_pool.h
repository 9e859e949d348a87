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

// Runs jobs in their order on a few threads of its own, in which no signal is handled. A thread is
// started when a job finds none idle.
class WorkerPool {
 public:
  // Must not throw. Ends soon once `stop` is requested.
  using Job = std::function<void(const std::stop_token& stop)>;

  explicit WorkerPool(size_t most_threads) : most_(most_threads) {}
  // Asks those under way to stop, drops those that have not begun, and waits for the threads.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Always from the same thread.
  void run(Job job);

 private:
  void work();

  const size_t most_;
  std::stop_source stop_;
  std::mutex mutex_;  // guards idle_ and jobs_
  std::condition_variable_any some_;
  std::deque<Job> jobs_;
  size_t idle_ = 0;
  std::vector<std::thread> threads_;  // of the thread that calls run()
};

}  // namespace autoscaler
