#pragma once

#include "policies/scene.h"

#include <algorithm>

namespace autoscaler {

// So many launches in a row that came to nothing: the next ones are attempts, not orders.
inline constexpr int32_t kGivenUp = 3;

// Ordered, and still expected to be in service soon. What never gets there stops counting as such:
// after its time to start and to warm up, or, while launches fail, at once.
inline bool is_awaited(const Scene& scene, const Instance& instance) {
  if (!is_warming_up(instance.lifecycle)) return false;
  const bool is_starting =
      instance.lifecycle == Lifecycle::kRequested || instance.lifecycle == Lifecycle::kLaunching;
  if (is_starting && scene.workload.launch_failures >= kGivenUp) return false;
  const Duration deadline = scene.spec.startup_deadline + scene.spec.warmup;
  return !instance.ordered || scene.now - *instance.ordered <= deadline;
}

inline int32_t count_awaited(const Scene& scene) {
  const auto& instances = scene.workload.instances;
  return static_cast<int32_t>(
      std::count_if(instances.begin(), instances.end(),
                    [&](const Instance& instance) { return is_awaited(scene, instance); }));
}

}  // namespace autoscaler
