#pragma once

#include "controller/snapshot/document.h"
#include "policies/signal.h"
#include "policies/spec.h"
#include "policies/workload.h"

#include <array>
#include <string_view>
#include <vector>

// What `kubectl get --raw` shows, as the values that evaluate takes. Unknown fields are skipped, as
// everywhere in Kubernetes; a known one of the wrong type is a problem.
namespace autoscaler {

// In the order of PodFacts::Phase.
inline constexpr std::array<std::string_view, 5> kPodPhases{"Pending", "Running", "Succeeded",
                                                            "Failed", "Unknown"};

// What counts of one v1 Pod.
PodFacts read_pod_facts(const Place& pod);

// v1 Pods as instances, by name.
std::vector<Instance> read_pods(const Place& place);

// {podMetrics, custom, external}: lists of metrics.k8s.io PodMetrics, custom.metrics.k8s.io
// MetricValues and external.metrics.k8s.io ExternalMetricValues. One signal for each metric of
// `hpa`, the object from which `spec` was read.
// A timestamp that is absent is `now`, a window that is absent 60 s.
Signals read_metrics(const Place& place, const Place& hpa, const WorkloadSpec& spec, Instant now);

}  // namespace autoscaler
