#pragma once

#include "policies/scene.h"

namespace autoscaler {

// What TrackSpec wants. Let `reporting` be the instances whose readings are in the average,
// `silent` those in service without a reading that should have one (policies/silent.h; no more than
// minCoverage allows), `starting` the rest of the size and `ratio` what the average is of the
// target. Then:
//
//   ratio within the tolerance          the size that stands
//   ratio above 1   wanted = ceil(ratio x (reporting + silent)): the balancer gives the silent ones
//                   their share too. Those that start count as idle, as in the HPA: they are
//                   ordered already, so that 2 at 130 % and 1 launching are 2.6 of 3, and nothing
//                   is added.
//   ratio below 1   wanted = ceil(ratio x reporting + silent + starting): these count as on target,
//                   so that an instance nobody can see is never a reason to remove one.
//
// Were the silent ones idle on the way up too (the HPA's missing pods are), a service of which 4 in
// 10 cannot be read would stay at 10 with the rest at 183 % of the target.
// The tolerance is tested again with the others in, and a change of direction holds. So kValue
// never scales in while overloaded because few instances answer, as the HPA does.
// A total for the service (kPerInstance of one number for all) has no such gaps: ceil(total /
// target). With no instance (size 0) tolerances do not apply, so that a service can start from
// zero. Under `compatibility: hpa` all of this is the HPA's instead (policies/hpa.h).
// kLearned is kPerInstance at 0.97 of the learned capacity, and what waits besides.
Proposal propose(const TrackSpec& track, uint16_t policy, const Scene& scene,
                 const Readings& readings);

// What the signal is of `target`, which may be a learned one: 1 is on it. `value` is there; of a
// total every ordered instance has a share, and with none of them it is infinite.
double ratio_to_target(const TrackSpec& track, double target, const Scene& scene,
                       const SignalValue& value);

}  // namespace autoscaler
