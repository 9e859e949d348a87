#include "policies/schedule_policy.h"

#include "base/check.h"

#include <algorithm>

namespace autoscaler {

Proposal propose(const ScheduleSpec& schedule, uint16_t policy, const Scene& scene,
                 const Readings& /*readings*/) {
  const auto& windows = scene.workload.windows;
  const bool open = std::any_of(windows.begin(), windows.end(), [policy](const OpenWindow& window) {
    return window.policy == policy;
  });
  Proposal proposal;
  proposal.policy = policy;
  if (open) proposal.replicas = schedule.size;
  if (!proposal.replicas) {
    proposal.abstain = open ? AbstainReason::kBoundsOnly : AbstainReason::kOutsideWindow;
  }
  return proposal;
}

bool has_schedule(const WorkloadSpec& spec) {
  return std::any_of(spec.policies.begin(), spec.policies.end(), [](const PolicySpec& policy) {
    return std::holds_alternative<ScheduleSpec>(policy.rule);
  });
}

ActiveBounds active_bounds(const Scene& scene) {
  const Bounds& own = scene.spec.bounds;
  ActiveBounds active{own, {}, {}};
  for (const OpenWindow& window : scene.workload.windows) {
    CHECK(window.policy < scene.spec.policies.size());
    const auto* schedule = std::get_if<ScheduleSpec>(&scene.spec.policies[window.policy].rule);
    CHECK(schedule);
    const int32_t min = std::min(schedule->min.value_or(own.min), own.max);
    if (min > active.bounds.min) {
      active.bounds.min = min;
      active.min_by = window.policy;
    }
    // A window that begins early orders instances; it does not yet take any away.
    if (scene.now < window.opens) continue;
    const int32_t max = std::max(schedule->max.value_or(own.max), own.min);
    if (max < active.bounds.max) {
      active.bounds.max = max;
      active.max_by = window.policy;
    }
  }
  active.bounds.max = std::max(active.bounds.max, active.bounds.min);
  return active;
}

}  // namespace autoscaler
