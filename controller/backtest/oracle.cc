#include "controller/backtest/oracle.h"

#include <algorithm>

namespace autoscaler {
namespace {

// Adds 1 from `begin` up to `end` (not included), as steps at both ends.
void add_span(std::vector<int32_t>& steps, size_t begin, size_t end) {
  ++steps[begin];
  if (end < steps.size()) --steps[end];
}

}  // namespace

std::vector<int32_t> oracle_paid(const std::vector<int32_t>& needed, size_t lead, size_t drain) {
  std::vector<int32_t> steps(needed.size(), 0);
  if (needed.empty()) return steps;
  // For each level not needed now: when it was last needed, and since when it is paid.
  struct Level {
    size_t paid_from;
    size_t last_needed;
  };
  std::vector<Level> levels;  // those ever needed
  size_t standing = 0;        // how many are needed at the moment
  const auto close = [&](const Level& level) {
    add_span(steps, level.paid_from, level.last_needed + 1 + drain);
  };
  for (size_t tick = 0; tick < needed.size(); ++tick) {
    const auto wanted = static_cast<size_t>(std::max(needed[tick], 0));
    for (size_t i = wanted; i < standing; ++i) levels[i].last_needed = tick - 1;
    for (size_t i = standing; i < wanted; ++i) {
      const size_t paid_from = tick > lead ? tick - lead : 0;
      if (i == levels.size()) {
        levels.push_back({paid_from, tick});
      } else if (tick - levels[i].last_needed - 1 > lead + drain) {
        close(levels[i]);
        levels[i].paid_from = paid_from;
      }
    }
    standing = wanted;
  }
  for (size_t i = 0; i < levels.size(); ++i) {
    if (i < standing) levels[i].last_needed = needed.size() - 1;
    close(levels[i]);
  }
  for (size_t tick = 1; tick < steps.size(); ++tick) steps[tick] += steps[tick - 1];
  return steps;
}

}  // namespace autoscaler
