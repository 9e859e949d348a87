#include "policies/when_missing.h"

#include "policies/counts.h"

#include <algorithm>

namespace autoscaler {

Fallback fall_back(const WhenMissing& when, const SignalMemory& memory, int32_t size, Instant now) {
  using Kind = WhenMissing::Kind;
  const Fallback hold{.kind = Kind::kHold, .blocks_in = true, .value = {}, .replicas = {}};
  if (now - memory.missing_since.value_or(now) < when.after) return hold;

  Fallback fallback = hold;
  fallback.kind = when.kind;
  switch (when.kind) {
    case Kind::kHold: break;
    case Kind::kIgnore: fallback.blocks_in = false; break;
    case Kind::kLast:
      if (!memory.last_value || !memory.last_value_at ||
          now - *memory.last_value_at > when.hold_last_for) {
        return hold;
      }
      fallback.value = memory.last_value;
      fallback.blocks_in = false;
      break;
    case Kind::kFloor: fallback.replicas = std::max(size, when.replicas); break;
    case Kind::kSize:
      fallback.replicas = when.replicas;
      fallback.blocks_in = false;
      break;
    case Kind::kTowardsMax: {
      const bool due = !memory.last_step || now - *memory.last_step >= when.every;
      fallback.replicas = to_count(int64_t{size} + (due ? when.replicas : 0));
      break;
    }
  }
  return fallback;
}

}  // namespace autoscaler
