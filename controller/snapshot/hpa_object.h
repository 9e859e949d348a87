#pragma once

#include "controller/snapshot/document.h"
#include "policies/spec.h"

namespace autoscaler {

// An autoscaling/v2 HorizontalPodAutoscaler as a workload with `compatibility: hpa`: one signal and
// one policy for each of its metrics, in order, and the API server's defaults. Fields that do not
// enter a decision are not looked at.
// What the API server would refuse is a problem, with the field's path.
WorkloadSpec read_hpa(const Place& object, const HpaFlags& flags);

// Where to look in the object for metric `index` of the spec; absent for the default metric.
Place hpa_metric(const Place& object, size_t index);

// {tolerance, cpuInitializationPeriod, initialReadinessDelay, downscaleStabilization}
HpaFlags read_hpa_flags(const Place& place, const HpaFlags& defaults);
nlohmann::json hpa_flags_json(const HpaFlags& flags);

}  // namespace autoscaler
