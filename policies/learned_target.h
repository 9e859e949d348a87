#pragma once

#include "policies/scene.h"

namespace autoscaler {

// Instances are filled up to this share of their capacity, so that what a window averages away
// still meets the SLO.
inline constexpr double kFill = 0.97;

// What waits is to be gone after so long.
inline constexpr Duration kBacklogTime = std::chrono::seconds(60);

// Why a capacity is not known.
AbstainReason unknown_capacity(CapacityEvidence evidence);

// The load of one instance at which `track` with a learned target keeps it: 0.97 of its capacity.
// Where that is unknown, `proposal` says why.
std::optional<double> learned_target(const TrackSpec& track, const Workload& workload,
                                     Proposal& proposal);

// What waits in `track.queue`, as load per second beside the measured one: enough to be gone within
// a minute. Where that signal is missing, `proposal` says so.
//   load 737/s, capacity 84/s: 737 / 81.48 = 9.05, so 10. 9000 wait: 9000 / 60 = 150/s more,
//   (737 + 150) / 81.48 = 10.89, so 11
// One sum, and not two numbers of instances: the dead band looks at all of it.
double load_of_backlog(const TrackSpec& track, const Scene& scene, const Readings& readings,
                       Proposal& proposal);

}  // namespace autoscaler
