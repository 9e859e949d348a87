#pragma once

#include "policies/scene.h"

namespace autoscaler {

// What the HPA decides before it looks at any metric: size 0 with min above 0 switches scaling off,
// and a size outside its bounds goes to the bound. True: the decision is made, nothing is
// remembered.
bool settled_before_metrics(const Scene& scene, Decision& decision);

// One metric of an autoscaling/v2 object. A metric that cannot be computed abstains with its
// `missing` and blocks scale-in: the HPA acts on the others only to hold or to scale out.
Proposal propose(const HpaMetricSpec& metric, uint16_t policy, const Scene& scene,
                 const Readings& readings);

}  // namespace autoscaler
