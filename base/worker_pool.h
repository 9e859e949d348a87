#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace autoscaler {

// Runs jobs on a few threads of its own, in which no signal is handled. A thread is started when a
// job finds none idle.
//
// Each job has an owner. Owners take turns, and the jobs of one run in their order. One with a name
// has half of the threads at the most (of one thread: it): jobs that hang hold up those of their
// owner, and the jobs of others no longer than one of them takes.
class WorkerPool {
 public:
  // Must not throw. Ends soon once `stop` is requested.
  using Job = std::function<void(const std::stop_token& stop)>;

  explicit WorkerPool(size_t most_threads)
      : most_(most_threads), most_of_one_((most_threads + 1) / 2) {}
  // Asks those under way to stop, drops those that have not begun, and waits for the threads.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Always from the same thread. The owner "" may have all threads.
  void run(const std::string& owner, Job job);

 private:
  struct Owner {
    std::deque<Job> jobs;
    size_t running = 0;
    bool has_turn = false;
  };

  void work();
  // Under the lock: where it has jobs and room for one, it is among those who take turns.
  void queue(const std::string& name, Owner& owner);

  const size_t most_;
  const size_t most_of_one_;
  std::stop_source stop_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable_any some_;
  std::map<std::string, Owner> owners_;  // of jobs that wait or run
  std::deque<std::string> turns_;
  size_t waiting_ = 0;  // jobs of all owners
  size_t idle_ = 0;
  std::vector<std::thread> threads_;  // of the thread that calls run()
};

}  // namespace autoscaler
