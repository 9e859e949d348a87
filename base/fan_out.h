#pragma once

#include <cstddef>
#include <functional>

namespace autoscaler {

inline constexpr size_t kMostAtOnce = 32;

// Calls run(0) to run(count - 1), kMostAtOnce of them at the same time at most, and returns when
// all have ended. For questions to peers of which one that hangs must not hold up the others: so
// many that hang cost one timeout, not one each. `run` must not throw. The calling thread works
// too, so that a single question needs no other; in the others no signal is handled. Where no
// thread is to be had, there are fewer at the same time.
void fan_out(size_t count, const std::function<void(size_t)>& run);

}  // namespace autoscaler
