#pragma once

#include "policies/decision.h"

namespace autoscaler {

// Which way a decision moves the size: a metric label.
enum class Direction { kOut, kIn, kHold };
inline constexpr int kDirectionCount = 3;

constexpr Direction direction_of(const Decision& decision) {
  if (decision.to > decision.from) return Direction::kOut;
  return decision.to < decision.from ? Direction::kIn : Direction::kHold;
}

constexpr const char* direction_name(Direction direction) {
  constexpr const char* kNames[kDirectionCount] = {"out", "in", "hold"};
  return kNames[static_cast<int>(direction)];
}

}  // namespace autoscaler
