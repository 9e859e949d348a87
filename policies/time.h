#pragma once

#include <chrono>

namespace autoscaler {

// All spans of time. Milliseconds, so that arithmetic is exact and repeats on every machine.
using Duration = std::chrono::milliseconds;

// A point in time: wall clock at start plus monotonic time since (controller/clock.h).
// Nothing in policies/ or metrics/ asks for one; every function that needs `now` takes it.
using Instant = std::chrono::sys_time<Duration>;

}  // namespace autoscaler
