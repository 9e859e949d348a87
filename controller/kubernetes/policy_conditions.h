#pragma once

#include "controller/config/policy_state.h"
#include "controller/snapshot/conditions.h"
#include "controller/tick_record.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <vector>

namespace autoscaler {

// The conditions of a ScalingPolicy, in the vocabulary of the HorizontalPodAutoscaler where it has
// a word:
//
//   Accepted        Valid | InvalidSpec, TargetTaken, TooMany
//   AbleToScale     ReadyForNewScale, SucceededRescale, SucceededGetScale, ScaleDownStabilized,
//                   ScaleUpStabilized | FailedGetScale, FailedUpdateScale, OtherAutoscaler,
//                   BackoffUpscale, BackoffDownscale, and the guard that holds: BadDeploy, ...
//   ScalingActive   ValidMetricFound | FailedGet<kind>Metric, ScalingDisabled, AmbiguousSelector
//   ScalingLimited  DesiredWithinRange | TooManyReplicas, TooFewReplicas, ScaleUpLimit,
//                   ScaleDownLimit
//   Paused          NotPaused | Paused
std::vector<Condition> policy_conditions(const WorkloadTick& tick, Instant now);
// Of one that is not what runs: Accepted=False alone, with the place in the object and the remedy.
Condition accepted(const PolicyState& state);

// AbleToScale=False: the target cannot be read or written, or somebody else sizes it.
// ScalingActive=False: its pods are those of another target too.
std::optional<Condition> trouble_with_the_target(const WorkloadTick& tick);

// In the place of the one of its type.
void put_condition(Condition condition, std::vector<Condition>& conditions);

// As they stand in a status. `before`: those that stood there; a condition that is the same keeps
// its lastTransitionTime, and one that `conditions` does not have stays as it was. Ordered by type.
nlohmann::json conditions_json(const std::vector<Condition>& conditions,
                               const nlohmann::json& before, Instant now, int64_t generation);

}  // namespace autoscaler
