#pragma once

#include "base/deadline.h"
#include "controller/cluster.h"
#include "controller/config/config.h"
#include "controller/kubernetes/resource_names.h"
#include "controller/kubernetes/written_scales.h"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <span>
#include <vector>

namespace autoscaler {

// Writes sizes: replaces the scale subresource of the resourceVersion that the size was decided on,
// so that a size which anybody has written since stays (kConflict). (As the HPA does; a merge patch
// costs the API server a tenth more.) Nothing is sent twice. Needs update on the scale, and patch
// on pods where a target has podDeletionCost.
class KubernetesWriter : public ClusterWriter {
 public:
  // The others outlive the writer. `budget`: for all of one `apply`.
  KubernetesWriter(const Config& config, ApiClient& client, ResourceNames& names,
                   WrittenScales& written, std::chrono::milliseconds budget);

  // Resize alone, several at a time. A size that stands already is not written. Skipped where
  // another controller leads. kExhausted: not sent, for the budget is spent.
  std::vector<ChangeResult> apply(std::span<const Change> changes, Instant now) override;

 private:
  // nullptr: there is none of this name, or not in Kubernetes.
  const KubernetesTarget* find(const WorkloadId& workload) const;
  std::optional<ApiError> resize(const Resize& change, const Deadline& whole);
  std::optional<ApiError> mark(const Resize& change, const KubernetesTarget& target,
                               const std::vector<InstanceId>& whom, const nlohmann::json& cost,
                               const Deadline& whole);
  std::chrono::milliseconds left(const Deadline& whole) const;
  template <typename Send>
  ApiAnswer in_time(const std::string& what, const Deadline& whole, Send send) const;

  const Config& config_;
  ApiClient& client_;
  ResourceNames& names_;
  WrittenScales& written_;
  const std::chrono::milliseconds budget_;
};

}  // namespace autoscaler
