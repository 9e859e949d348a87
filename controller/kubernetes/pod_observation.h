#pragma once

#include "controller/cluster.h"
#include "controller/config/config.h"
#include "controller/kubernetes/objects.h"

namespace autoscaler {

// A pod as an instance of the workload whose target is `target`.
InstanceObservation observe_pod(const PodRecord& pod, const KubernetesTarget& target);

}  // namespace autoscaler
