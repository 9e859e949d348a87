#include "policies/stages.h"

#include <algorithm>

namespace autoscaler {

void bound(const Scene& scene, Decision& decision) {
  const Bounds& bounds = scene.spec.bounds;
  move(decision, Rule::kMin, std::max(decision.to, bounds.min));
  move(decision, Rule::kMax, std::min(decision.to, bounds.max));
}

}  // namespace autoscaler
