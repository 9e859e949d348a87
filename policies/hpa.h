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

// What the HPA makes of a TrackSpec, under `compatibility: hpa`. Outside Kubernetes its signal is
//   per instance, a ratio of a capacity    a Resource metric, utilisation: the capacity is the
//                                          request; one named `cpu` is the HPA's CPU
//   per instance, any other number         a Pods metric, averageValue
//   one number for the service             an External metric: `perInstance` is averageValue,
//                                          `target` is value
// in milli-units, rounded up as Kubernetes does. whenMissing, minCoverage and aggregate are the
// HPA's own instead: a metric without an answer blocks scale-in, and pods are averaged.
Proposal propose_as_hpa(const TrackSpec& track, uint16_t policy, const Scene& scene,
                        const Readings& readings);

// The answer of the HPA's calculation as a proposal.
struct HpaAnswer;
Proposal hpa_proposal(const HpaMetricSpec& metric, const HpaAnswer& answer, uint16_t policy);

}  // namespace autoscaler
