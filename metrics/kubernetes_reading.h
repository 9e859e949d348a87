#pragma once

#include "metrics/kubernetes_reply.h"
#include "metrics/query.h"

#include <span>
#include <string_view>
#include <vector>

namespace autoscaler {

// Samples of Kubernetes' metrics APIs as the signals of a workload. `exact`: as HpaMetricSpec reads
// them (policies/spec.h), with one reading for each pod that has a sample; otherwise numbers, with
// one for each target. A timestamp that is absent is `now`, a window that is absent 60 s.
// Nothing at all is a single Missing.

// The pods of a namespace by their names, in one block: made anew in each tick, of thousands. Of
// two with one name the last counts. The list outlives it.
class UsageByPod {
 public:
  explicit UsageByPod(const std::vector<PodUsage>& pods);
  const PodUsage* find(std::string_view pod) const;  // nullptr: there is none

 private:
  size_t place_of(std::string_view pod) const;  // where it is, or would be

  std::vector<const PodUsage*> places_;  // a power of two, more than half of them free
};

Signal resource_signal(const KubernetesRead::Resource& resource, bool exact,
                       std::span<const Target> targets, const UsageByPod& usage, Instant now);
Signal pods_signal(bool exact, std::span<const Target> targets,
                   const std::vector<MetricValue>& values, Instant now);
Signal service_signal(bool exact, const std::vector<MetricValue>& values, Instant now);

}  // namespace autoscaler
