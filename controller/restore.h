#pragma once

#include "controller/fleet.h"
#include "controller/hand_over.h"

namespace autoscaler {

// Makes a memory read from the journal fit for `now`, the first instant of this run.
// - A clock set back between two runs must not hold anything for longer than its window: instants
//   of the future count as now.
// - A pause longer than the down window is a fresh start: what was wanted meanwhile is not known,
//   and nothing is taken away before one window has been seen. Two `interval`s between ticks are no
//   pause: a reload of the config takes less.
void take_up(const WorkloadSpec& spec, Duration interval, Instant now, WorkloadMemory& memory);

// Takes up what another has left into the memory of a workload that was seen already. The later of
// two instants counts, and newer orders: nothing older overrides our own. A scale event or a turn
// that both have seen counts once, where their instants are within two of `interval`. Instants of
// the future (another host's clock) count as now.
void take_over(const HandOver& left, Duration interval, Instant now, WorkloadMemory& memory);
// Times to readiness that we have measured ourselves stay, and are the newest.
void take_over(const std::vector<Duration>& ready_times, WorkloadMemory& memory);

}  // namespace autoscaler
