#pragma once

#include "policies/decision.h"
#include "policies/recent.h"

// Whether scaling out for the sake of a signal helps it. Only latency and errors are tried: others
// fall as their load is shared.
namespace autoscaler {

inline constexpr Duration kLongestTrialWait = std::chrono::hours(1);

// A scale-out that such a signal asked for begins a trial; once what was ordered has had its time
// to get ready and two minutes more, it is judged:
//   it helped    the signal is a tenth lower, or asks for no more
//   no verdict   one instance carries as much as before: load grew with the service
//   useless      nothing more is ordered for the sake of this signal for `ineffective`, twice as
//                long after each further one, an hour at most
void advance_trials(const WorkloadSpec& spec, const Decision& decision, bool applied, Instant now,
                    Recent& recent);

// Nothing is to be ordered for the sake of a signal with this memory.
inline bool is_useless(const SignalMemory& memory, Instant now) {
  return memory.useless_until && now < *memory.useless_until;
}

}  // namespace autoscaler
