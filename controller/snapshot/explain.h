#pragma once

#include "policies/capacity.h"
#include "policies/decision.h"
#include "policies/predict/prediction.h"
#include "policies/spec.h"

#include <string>
#include <vector>

namespace autoscaler {

// "track-cpu wants 7 (cpu 91% of target 65%)": what one policy said, in words.
std::string explain_proposal(const WorkloadSpec& spec, const Proposal& proposal);

// "rate limit 7 -> 5", "office-hours min 4 -> 12"
std::string explain_adjustment(const WorkloadSpec& spec, const Adjustment& adjustment);

// The whole decision for a person, a line each: explain_line, then the reason, every policy with
// what it looked at, every group, rule and condition; and of the last rule, which binds, the size
// without it: "binding     rate limit: 14 without it".
std::vector<std::string> explain_lines(const WorkloadSpec& spec, const Decision& decision);

// What was learned of a load, for a person:
//   an instance carries 84.1 of rps within the SLO (seen, 91% sure; the SLO was met up to 80.2; 320
//   samples)
//   what an instance carries of rps is unknown: latency does not rise with load; the SLO was met up
//   to 40 (200 samples)
std::string explain_capacity(const std::string& signal, const Capacity& capacity);

// What a predict policy expects, and whether it may act on it:
//   predict-rps: rps within 4m: 640 (P50), 710 (P95), 742 (P99), as of ...; gate open (0.81 of the
//   loss of the newest minute, P95 covered 94.8%, over 4300 forecasts); price 3
std::string explain_prediction(const WorkloadSpec& spec, const Prediction& prediction);
//   error budget: 82% left of two weeks, burnt at 0.3 times its rate in the last hour; a violating
//   minute costs 2.7
std::string explain_budget(const BudgetSpending& budget);

}  // namespace autoscaler
