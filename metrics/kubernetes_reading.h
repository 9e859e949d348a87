#pragma once

#include "metrics/kubernetes_reply.h"
#include "metrics/query.h"

#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace autoscaler {

// Samples of Kubernetes' metrics APIs as the signals of a workload. `exact`: as HpaMetricSpec reads
// them (policies/spec.h), with one reading for each pod that has a sample; otherwise numbers, with
// one for each target. A timestamp that is absent is `now`, a window that is absent 60 s.
// Nothing at all is a single Missing.

// Of all pods of a namespace. The list outlives it.
using UsageByPod = std::unordered_map<std::string_view, const PodUsage*>;
UsageByPod by_pod(const std::vector<PodUsage>& pods);

Signal resource_signal(const KubernetesRead::Resource& resource, bool exact,
                       std::span<const Target> targets, const UsageByPod& usage, Instant now);
Signal pods_signal(bool exact, std::span<const Target> targets,
                   const std::vector<MetricValue>& values, Instant now);
Signal service_signal(bool exact, const std::vector<MetricValue>& values, Instant now);

}  // namespace autoscaler
