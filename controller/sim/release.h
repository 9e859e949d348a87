#pragma once

#include "policies/time.h"

#include <optional>

namespace autoscaler {

// One version of the simulated service: what every instance launched with it is like.
//
// A request takes `cpu_time` on a core and `wait_time` elsewhere; an instance has `cores`, and
// serves `workers` requests at a time. So it serves
//   min(cores / cpu_time, workers / (cpu_time + wait_time))    requests per second:
// with the numbers below min(1 / 10 ms, 64 / 30 ms) = min(100, 2133) = 100.
struct Release {
  Duration cpu_time{10};
  Duration wait_time{20};
  double cores = 1;                   // it has no more: its limit
  std::optional<double> cpu_request;  // what its CPU is told as a share of; nullopt: of its cores
  double workers = 64;
  Duration timeout{std::chrono::seconds(10)};  // whoever has waited longer has gone, as an error

  double error_ratio = 0;  // of the requests that are served
  double error_cost = 1;   // CPU of a failed request beside that of a good one: 0.1 fails fast

  // From launch to the first good health check: `startup`, and an exponential tail of this mean.
  Duration startup{std::chrono::seconds(20)};
  Duration startup_tail{0};
  double startup_failures = 0;            // share of launches that never become healthy
  std::optional<Duration> crashes_after;  // of its launch: exits
  Duration startup_burn{0};               // from its launch on, all its cores are busy with itself
  Duration warm_up{0};                    // from its first request, caches fill and code compiles:
  double cold_share = 0.5;                // a core does this share of its work at first
  double spread = 0;  // coefficient of variation of what instances' cores do; none does under 30 %

  // Share of its memory limit: at rest, and for each request per second. What was once used is
  // kept.
  double memory_at_rest = 0.3;
  double memory_per_request = 0.004;
};

}  // namespace autoscaler
