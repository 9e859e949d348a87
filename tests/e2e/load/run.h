#pragma once

#include "base/result.h"
#include "tests/e2e/duration.h"
#include "tests/e2e/load/tally.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace autoscaler::e2e {

struct LoadPlan {
  std::string host = "127.0.0.1";  // an address or a name
  uint16_t port = 80;
  std::string target = "/";
  std::vector<Duration> arrivals;
  double fresh = 0.2;  // share of requests on a connection of their own
  uint64_t seed = 1;   // of the choice between fresh and kept
  Duration timeout = std::chrono::seconds(10);
  size_t max_open = 2000;  // connections
};

struct LoadEvents {
  // The wall clock at the start of the schedule, in seconds since the epoch.
  std::function<void(double zero)> begins;
  std::function<void(Duration lag)> sent;
  std::function<void(const RequestResult&)> done;
  std::function<void(int second, size_t open)> second_over;
};

// Sends every request at its time, whatever became of those before it, and returns when the last
// has its outcome. SIGINT and SIGTERM end the sending early; a second one also the waiting. Kept
// connections are used again, the last used first. A request that finds its kept connection closed
// by the server, before any byte of a response, goes out once more on a new connection. Errors:
// kNotFound (no such host).
Status run_load(const LoadPlan& plan, const LoadEvents& events);

}  // namespace autoscaler::e2e
