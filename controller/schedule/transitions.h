#pragma once

#include "policies/windows.h"

#include <vector>

namespace autoscaler {

struct Transition {
  Instant at;
  bool opens = true;  // or closes
};

// The next `count` openings and closings after `now`, in their order. Windows that overlap or touch
// are one; one that never closes has no closing.
std::vector<Transition> next_transitions(const ScheduleTimes& times, const ZoneClock& zone,
                                         Instant now, size_t count);

}  // namespace autoscaler
