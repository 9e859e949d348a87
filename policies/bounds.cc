#include "policies/stages.h"

#include <algorithm>

namespace autoscaler {

void bound(const Scene& scene, Decision& decision) {
  const ActiveBounds active =
      ordered_size(scene) ? ActiveBounds{scene.spec.bounds, {}, {}} : active_bounds(scene);
  move(decision, active.min_by ? Rule::kScheduleMin : Rule::kMin,
       std::max(decision.to, active.bounds.min), active.min_by);
  move(decision, active.max_by ? Rule::kScheduleMax : Rule::kMax,
       std::min(decision.to, active.bounds.max), active.max_by);
}

}  // namespace autoscaler
