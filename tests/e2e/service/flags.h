#pragma once

#include "tests/e2e/duration.h"
#include "tests/e2e/service/worker_pool.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace autoscaler::e2e {

struct ServiceFlags {
  std::string address = "127.0.0.1";
  uint16_t port = 0;
  PoolSpec pool;
  Duration startup_delay{0};                  // unhealthy for so long after the start
  bool fail_health = false;                   // never healthy
  std::optional<Duration> exit_after;         // dies without a word, as a crash does
  Duration linger{0};                         // after SIGTERM: goes on accepting for so long
  Duration grace = std::chrono::seconds(30);  // after that: for the work in hand
};

// Either the flags, or the exit code when help was asked for or a flag is wrong.
std::variant<ServiceFlags, int> parse_service_flags(int argc, char** argv);

}  // namespace autoscaler::e2e
