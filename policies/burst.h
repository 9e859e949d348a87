#pragma once

#include "policies/scene.h"

namespace autoscaler {

// TrackSpec::Burst in the proposal of its policy. `demand` is what its signal says of the load, in
// instances: a burst begins, and goes on, while ceil(demand) is `ratio` times the instances in
// service (at least one); it ends once that has not been so for `hold`. While it lasts the policy
// wants at least the most that it wanted in it.
//
//   2 in service of 100/s each: at 301/s ceil(3.01) is 4, twice 2, and a burst begins.
void propose_burst(const TrackSpec::Burst& burst, std::optional<double> demand, int32_t in_service,
                   const Scene& scene, Proposal& proposal);

// The memory of it after this tick.
void remember_burst(const Proposal& proposal, Instant now, PolicyMemory& memory);

}  // namespace autoscaler
