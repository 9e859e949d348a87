#pragma once

#include "policies/scene.h"

namespace autoscaler {

// What TrackSpec wants. Let `reporting` be the instances whose readings are in the average, `other`
// the rest of the size (warming, launching, or in service without a reading) and `ratio` what the
// average is of the target. Then, as the HPA does with pods that have no sample:
//
//   ratio within the tolerance          the size that stands
//   ratio above 1   wanted = ceil(ratio x reporting): the others count as idle. They are ordered
//                   already, so that 2 at 130 % and 1 launching are 2.6 of 3, and nothing is added.
//   ratio below 1   wanted = ceil(ratio x reporting + other): the others count as on target, so
//                   that an instance nobody can see is never a reason to remove one.
//
// The tolerance is tested again with the others in, and a change of direction holds. So kValue
// never scales in while overloaded because few instances answer, as the HPA does.
// A total for the service (kPerInstance of a single reading) has no such gaps: ceil(total /
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
