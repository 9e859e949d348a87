#include "controller/system_clock.h"

#include <ctime>

namespace autoscaler {
namespace {

// With the time that the machine was suspended for, which a steady_clock leaves out: metrics and
// cooldowns grow old in it too.
std::chrono::nanoseconds since_boot() {
  timespec time{};
  clock_gettime(CLOCK_BOOTTIME, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

SystemClock::SystemClock()
    : wall_at_start_(std::chrono::floor<Duration>(std::chrono::system_clock::now())),
      started_(since_boot()) {}

Instant SystemClock::now() {
  return wall_at_start_ + std::chrono::floor<Duration>(elapsed());
}

std::chrono::nanoseconds SystemClock::elapsed() {
  return since_boot() - started_;
}

}  // namespace autoscaler
