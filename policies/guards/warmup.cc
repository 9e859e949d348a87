#include "policies/guards/guard.h"

#include <algorithm>

namespace autoscaler {

// Failed instances do not warm up: one that never becomes ready stops blocking at its deadline.
void guard_warmup(const Scene& scene, Decision& decision) {
  const bool is_warming =
      std::any_of(scene.workload.instances.begin(), scene.workload.instances.end(),
                  [](const Instance& instance) { return is_warming_up(instance.lifecycle); });
  if (is_warming) no_scale_in(decision, Rule::kWarmup);
}

}  // namespace autoscaler
