#pragma once

#include "controller/fleet.h"

namespace autoscaler {

// Makes a memory read from the journal fit for `now`, the first instant of this run.
// - A clock set back between two runs must not hold anything for longer than its window: instants
//   of the future count as now.
// - A pause longer than the down window is a fresh start: what was wanted meanwhile is not known,
//   and nothing is taken away before one window has been seen. Two `interval`s between ticks are no
//   pause: a reload of the config takes less.
void take_up(const WorkloadSpec& spec, Duration interval, Instant now, WorkloadMemory& memory);

}  // namespace autoscaler
