#pragma once

#include "policies/decision.h"
#include "policies/spec.h"

#include <string>
#include <vector>

namespace autoscaler {

// One condition of a HorizontalPodAutoscaler's status. `type` and `reason` are the HPA's words.
struct Condition {
  std::string type;
  bool status;
  std::string reason;
  std::string message;
};

// The conditions that this decision sets, as if a change were carried out. Those that the HPA would
// leave as they were are not listed: ScalingActive and ScalingLimited, when it does not get as far.
// Empty without `compatibility: hpa`.
std::vector<Condition> conditions_of(const WorkloadSpec& spec, const Decision& decision);

// The same of any policy of ours.
std::vector<Condition> decision_conditions(const WorkloadSpec& spec, const Decision& decision);

// "FailedGetResourceMetric": the reason with which the HPA says that this policy's metric failed.
std::string failed_metric_reason(const WorkloadSpec& spec, const Proposal& proposal);

}  // namespace autoscaler
