#pragma once

#include "policies/decision.h"
#include "policies/recent.h"
#include "policies/spec.h"

namespace autoscaler {

// What stands in for a signal that should be there and is not (WhenMissing, by kind).
struct Fallback {
  WhenMissing::Kind kind = WhenMissing::Kind::kHold;
  bool blocks_in = false;
  std::optional<double> value;      // last: the signal speaks on with it
  std::optional<int32_t> replicas;  // floor, size, towardsMax: wanted without a signal
};

Fallback fall_back(const WhenMissing& when, const SignalMemory& memory, int32_t size, Instant now);

}  // namespace autoscaler
