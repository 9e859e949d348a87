#include "tests/e2e/service/worker_pool.h"

#include <algorithm>

namespace autoscaler::e2e {

WorkerPool::WorkerPool(PoolSpec spec) : spec_(spec), random_(spec.seed) {
  for (int i = 0; i < spec_.workers; ++i) free_at_.push(Duration(0));
}

std::optional<Duration> WorkerPool::admit(Duration now) {
  bool must_wait = free_at_.top() > now;
  if (must_wait && waiting(now) >= spec_.queue) return std::nullopt;
  Duration start = std::max(now, free_at_.top());
  Duration finish = start + service_time_at(start);
  free_at_.pop();
  free_at_.push(finish);
  jobs_.push_back({start, finish});
  return finish;
}

int WorkerPool::waiting(Duration now) {
  forget_finished(now);
  auto first = std::partition_point(jobs_.begin(), jobs_.end(),
                                    [now](const Job& job) { return job.start <= now; });
  return static_cast<int>(jobs_.end() - first);
}

int WorkerPool::in_flight(Duration now) {
  forget_finished(now);
  return static_cast<int>(std::count_if(jobs_.begin(), jobs_.end(),
                                        [now](const Job& job) { return job.finish > now; }));
}

Duration WorkerPool::busy(Duration now) {
  forget_finished(now);
  Duration sum = finished_busy_;
  for (const Job& job : jobs_) {
    if (job.start >= now) break;
    sum += std::min(job.finish, now) - job.start;
  }
  return sum;
}

// With jitter a later job may finish before the first: it is then counted where it stands.
void WorkerPool::forget_finished(Duration now) {
  while (!jobs_.empty() && jobs_.front().finish <= now) {
    finished_busy_ += jobs_.front().finish - jobs_.front().start;
    jobs_.pop_front();
  }
}

Duration WorkerPool::service_time_at(Duration start) {
  double factor = 1;
  if (start < spec_.warmup) {
    factor += (spec_.warmup_factor - 1) * (1 - seconds(start) / seconds(spec_.warmup));
  }
  if (spec_.jitter == Jitter::kExponential) {
    factor *= std::exponential_distribution<double>(1)(random_);
  }
  return from_seconds(seconds(spec_.service_time) * factor);
}

}  // namespace autoscaler::e2e
