#pragma once

#include "tests/e2e/duration.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <random>
#include <vector>

namespace autoscaler::e2e {

enum class Jitter { kNone, kExponential };

struct PoolSpec {
  int workers = 4;
  Duration service_time = std::chrono::milliseconds(50);
  int queue = 100;  // places to wait in
  Duration warmup{0};
  double warmup_factor = 3;  // of the service time at the start; falls to 1 over `warmup`
  Jitter jitter = Jitter::kNone;
  uint64_t seed = 1;
};

// A model of W workers before a bounded first-come-first-served queue. Nothing really runs: when a
// request comes, it is already known which worker will be free first, so its start and finish are
// arithmetic. Capacity is workers / service_time: 4 workers at 50 ms serve 80 requests per second.
// Times are since the service started, and never go back from one call to the next.
class WorkerPool {
 public:
  explicit WorkerPool(PoolSpec spec);

  // When the request that comes at `now` will be done; nothing when the queue is full.
  std::optional<Duration> admit(Duration now);

  int waiting(Duration now);
  int in_flight(Duration now);  // waiting ones included
  Duration busy(Duration now);  // summed over workers: never more than workers * now
  const PoolSpec& spec() const { return spec_; }

 private:
  struct Job {
    Duration start;
    Duration finish;
  };

  void forget_finished(Duration now);
  Duration service_time_at(Duration start);

  PoolSpec spec_;
  std::mt19937_64 random_;
  std::priority_queue<Duration, std::vector<Duration>, std::greater<>> free_at_;  // one per worker
  std::deque<Job> jobs_;  // not known to be finished, in the order of their starts
  Duration finished_busy_{0};
};

}  // namespace autoscaler::e2e
