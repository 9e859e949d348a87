#pragma once

#include "controller/sim/release.h"

#include <cstdint>

namespace autoscaler {

// Beyond it the queue, which is counted, makes the latency, and no longer the formula.
inline constexpr double kHighestUtilization = 0.98;

// What an instance does with a request at one moment, and how fast. Times in seconds.
struct Pace {
  int32_t servers = 1;   // cores that take one request at a time
  double on_server = 0;  // mean time on one of them, exponential
  double elsewhere = 0;  // mean time after that, with a worker still held
  int32_t workers = 1;
  double timeout = 0;  // who has waited longer gives up
  double errors = 0;   // share of the requests that fail

  double by_servers() const { return servers / on_server; }  // requests per second
  double by_workers() const { return workers / (on_server + elsewhere); }
  double capacity() const;
};

// `warmth`: share of its work that a core does. `errors` fail, as dear as the release has it.
Pace pace_of(const Release& release, double warmth, double errors, double extra_wait);

// Response times, as an exponential that begins late: with the mean and the variance of the work
// and of the waits for a core and for a worker, each that of an M/M/k. Exact for one core and
// nothing elsewhere, where it begins at once.
struct Response {
  double least = 0;
  double rest = 0;  // mean of what comes on top
  double mean() const { return least + rest; }
  double p95() const;
  // Share of them that are longer.
  double later_than(double seconds) const;
};
// At this rate of requests. Where a queue is nearly full it stands still, and what waits is
// counted.
//   one core, 10 ms on it, 20 ms elsewhere, 80 a second: a mean of 20 + 10 / (1 - 0.8) = 70 ms
Response response_at(const Pace& pace, double requests_per_second);

}  // namespace autoscaler
