#pragma once

#include "policies/decision.h"
#include "policies/recent.h"
#include "policies/signal.h"
#include "policies/spec.h"
#include "policies/workload.h"

#include <span>

namespace autoscaler {

// What every stage may look at. References into the arguments of evaluate: never stored.
struct Scene {
  const WorkloadSpec& spec;
  const Workload& workload;
  const Recent& recent;
  Instant now;
};

// The signals of this tick: as read, and as one number each. Both parallel to
// WorkloadSpec::signals.
struct Readings {
  const Signals& raw;
  std::span<const SignalValue> values;
};

// The bounds of this tick: the user's, narrowed by the schedules whose windows are open. Of several
// the largest `min` and the smallest `max` count, and where they cross, `min`: too many instances
// cost, too few lose requests.
struct ActiveBounds {
  Bounds bounds;
  std::optional<uint16_t> min_by;  // the schedule that narrowed it
  std::optional<uint16_t> max_by;
};
ActiveBounds active_bounds(const Scene& scene);

// The size that an operator has ordered, while it holds.
std::optional<int32_t> ordered_size(const Scene& scene);

// A memory that is not there yet (first tick, or a policy new in the config) is an empty one.
template <typename Memories>
auto memory_at(const Memories& memories, size_t index) {
  using Memory = typename Memories::value_type;
  return index < memories.size() ? memories[index] : Memory{};
}

}  // namespace autoscaler
