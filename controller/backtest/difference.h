#pragma once

#include "controller/backtest/rehearsal.h"

#include <string>
#include <vector>

namespace autoscaler {

// A time in which two configs had different sizes: from the tick that made them differ to the one
// that made them equal.
struct Difference {
  Instant from;
  Instant to;
  int32_t most = 0;  // second minus first, where they were furthest apart
};

// In the scored time, the largest first (instances times time), kMostDifferences at most.
std::vector<Difference> differences_of(const Rehearsal& first, const Rehearsal& second);
inline constexpr size_t kMostDifferences = 20;

// The share of the scored time in which they differ, and the differences, a line each.
std::string difference_text(const Rehearsal& first, const Rehearsal& second);

}  // namespace autoscaler
