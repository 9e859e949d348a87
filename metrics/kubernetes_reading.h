#pragma once

#include "metrics/kubernetes_reply.h"
#include "metrics/query.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace autoscaler {

// Samples of Kubernetes' metrics APIs as the signals of a workload. `exact`: as HpaMetricSpec reads
// them (policies/spec.h), with one reading for each pod that has a sample; otherwise numbers, with
// one for each target. A timestamp that is absent is `now`, a window that is absent 60 s.
// Nothing at all is a single Missing.

// An answer of metrics.k8s.io, its pods by their names. Of two with one name the last counts.
class PodUsages {
 public:
  // `body` is what `list` was read from.
  PodUsages(PodMetricsList list, std::string_view body);
  PodUsages(const PodUsages&) = delete;
  PodUsages& operator=(const PodUsages&) = delete;

  const PodMetricsList& list() const { return list_; }
  const PodMetricsList::Pod* find(std::string_view pod) const;  // nullptr: there is none
  // Whether it is an answer of this text, by a hash of 64 bits of all but the creationTimestamps,
  // which are the time of the answer and are not read: metrics-server measures every 15 s, and what
  // is said again need not be read again.
  bool is_of(std::string_view body) const;
  bool is_dated() const { return is_dated_; }  // each pod says when it was measured

 private:
  size_t place_of(std::string_view pod) const;  // where it is, or would be

  const PodMetricsList list_;
  const size_t digest_;
  const bool is_dated_;
  // A power of two, more than half of them free: with the number of pods where a pod's place in the
  // list would be.
  std::vector<uint32_t> places_;
};

Signal resource_signal(const KubernetesRead::Resource& resource, bool exact,
                       std::span<const Target> targets, const PodUsages& usage, Instant now);
Signal pods_signal(bool exact, std::span<const Target> targets,
                   const std::vector<MetricValue>& values, Instant now);
Signal service_signal(bool exact, const std::vector<MetricValue>& values, Instant now);

}  // namespace autoscaler
