#pragma once

#include "policies/hpa_pods.h"

namespace autoscaler {

// Dead band around ratio 1, inclusive. Exact: no rounding slack, as the HPA has none.
struct HpaTolerance {
  double out = 0.1;
  double in = 0.1;
  bool covers(double ratio) const { return ratio >= 1 - in && ratio <= 1 + out; }
};

// The size a metric asks for, and the usage the HPA would report with it: percent for
// kUtilization, else milli-units. `missing` instead of a size where the metric cannot be computed.
struct HpaAnswer {
  std::optional<int32_t> replicas;
  std::optional<int64_t> reported;
  std::optional<int64_t> reported_average;  // kUtilization: the mean usage beside it, milli-units
  std::optional<MissingReason> missing;
};

// Resource, ContainerResource and Pods metrics: the mean over the pods against the target.
//   1. ratio over the samples of ready pods; utilisation in whole percent, rounded down.
//   2. Nothing missing, and no unready pod on the way up: within tolerance the size stands, else
//      ceil(ratio x ready pods).
//   3. Otherwise missing pods count as 0 on the way up and as on target (utilisation: at least as
//      their whole request) on the way down; unready ones as 0 on the way up. With the new ratio,
//      hold within tolerance or where the direction turned, else ceil(ratio x samples).
HpaAnswer replicas_per_pod(const HpaMetricSpec& metric, HpaPods pods, HpaTolerance tolerance,
                           int32_t size);

// Object and External with target Value: ceil(total / target x running and ready pods), which is
// how the HPA scales in while overloaded when few pods are ready. From size 0: ceil(total /
// target).
HpaAnswer replicas_of_value(int64_t total, int64_t target, HpaTolerance tolerance,
                            const Workload& workload);

// Object and External with target AverageValue: ceil(total / target), against status.replicas.
HpaAnswer replicas_of_average(int64_t total, int64_t target, HpaTolerance tolerance,
                              int32_t status_size);

}  // namespace autoscaler
