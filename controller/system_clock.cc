#include "controller/system_clock.h"

namespace autoscaler {
namespace {

Instant wall_now() {
  return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

}  // namespace

SystemClock::SystemClock()
    : wall_at_start_(wall_now()), started_(std::chrono::steady_clock::now()) {}

Instant SystemClock::now() {
  return wall_at_start_ + std::chrono::floor<Duration>(elapsed());
}

std::chrono::nanoseconds SystemClock::elapsed() {
  return std::chrono::steady_clock::now() - started_;
}

}  // namespace autoscaler
