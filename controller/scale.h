#pragma once

#include "controller/change.h"
#include "controller/fleet.h"
#include "controller/tick_record.h"
#include "policies/signal.h"

#include <optional>
#include <vector>

namespace autoscaler {

// What the scale of a workload says of its size, taken into the memory: `desired` becomes
// spec.replicas. A size that somebody else wrote is a scale event, which rate limits count, and
// starts no cooldown; the HPA counts its own alone. An unsettled resize is settled: one that was
// never written is forgotten, with its event and its cooldowns.
//
// `stood_by`: in the tick before, another controller led. What we left to it is such a resize: if
// it did the same, our memory is as if we had. Any other change counts as its own, and starts the
// cooldowns, for when we take over.
void take_scale(const WorkloadSpec& spec, const ScaleObservation& scale, bool stood_by, Instant now,
                WorkloadMemory& memory);

// What the target itself says: who else sizes it, which is an error of the tick, and whether its
// annotations pause it, which is added to the orders of the decision.
void hear_target(const FleetWorkload& fleet, Instant now, WorkloadTick& workload);

// One Resize where the decided size is another than the one that stands, none at rest, none on a
// target that somebody else sizes, or may size, and none before it is known what the leader before
// has left; where that is overdue, none that is smaller. The memory keeps it as unsettled.
std::vector<Change> plan_resize(const FleetWorkload& fleet, const Decision& decision,
                                const Signals& signals, Instant now, WorkloadMemory& memory);

// What became of the Resize among the changes of one workload. Nobody knows it where no answer
// came, nor where it was left to another controller.
enum class Resized { kNone, kYes, kNo, kUnknown };
Resized resized_by(const std::vector<ChangeResult>& changes);

// The `count` pods in service that carry least, least first, by the first signal with a reading of
// each that tells how busy they are, or else how much they serve; before them those that bear the
// mark already, since loads change faster than hundreds of marks are written. Empty where no signal
// does.
std::vector<InstanceId> least_loaded(const FleetWorkload& fleet, const Signals& signals,
                                     size_t count);

}  // namespace autoscaler
