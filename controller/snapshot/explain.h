#pragma once

#include "policies/decision.h"
#include "policies/spec.h"

#include <string>

namespace autoscaler {

// "track-cpu wants 7 (cpu 91% of target 65%)": what one policy said, in words.
std::string explain_proposal(const WorkloadSpec& spec, const Proposal& proposal);

// "rate limit 7 -> 5", "office-hours min 4 -> 12"
std::string explain_adjustment(const WorkloadSpec& spec, const Adjustment& adjustment);

}  // namespace autoscaler
