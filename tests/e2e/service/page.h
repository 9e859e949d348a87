#pragma once

#include "tests/e2e/duration.h"

#include <array>
#include <cstdint>
#include <string>

namespace autoscaler::e2e {

// Upper bounds of the duration histogram in seconds, as Prometheus clients have them by default.
inline constexpr std::array<double, 12> kBuckets{0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                 0.5,   0.75, 1,     2.5,  5,   10};

// What the service counts. Only /work is counted: neither health checks nor scrapes are load.
struct Counts {
  uint64_t served = 0;    // 200
  uint64_t rejected = 0;  // 503, for a full queue
  // Of the requests served, waiting included. Rejections take no time and are left out: they would
  // make a saturated service look fast.
  std::array<uint64_t, kBuckets.size() + 1> buckets{};  // not cumulative; the last is +Inf
  Duration total{0};

  void observe(Duration latency);
};

struct Gauges {
  Duration busy;  // of all workers together since the start
  int in_flight;
  int waiting;
  int workers;
};

// The Prometheus text exposition, version 0.0.4.
std::string metrics_page(const Counts& counts, const Gauges& gauges);

}  // namespace autoscaler::e2e
