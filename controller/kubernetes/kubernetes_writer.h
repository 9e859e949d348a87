#pragma once

#include "base/deadline.h"
#include "controller/cluster.h"
#include "controller/config/config.h"
#include "controller/kubernetes/resource_names.h"
#include "controller/kubernetes/written_scales.h"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <map>
#include <span>
#include <vector>

namespace autoscaler {

// Writes sizes: a merge patch of the scale subresource with the resourceVersion that the size was
// decided on, so that a size which anybody has written since stays (kConflict). Nothing is sent
// twice. Needs patch on the scale, and on pods where a target has podDeletionCost.
class KubernetesWriter : public ClusterWriter {
 public:
  // `budget`: for all of one `apply`.
  KubernetesWriter(const Config& config, ApiClient& client, ResourceNames& names,
                   WrittenScales& written, std::chrono::milliseconds budget);

  // Resize alone, several at a time. A size that stands already is not written. Skipped where
  // another controller leads. kExhausted: not sent, for the budget is spent.
  std::vector<ChangeResult> apply(std::span<const Change> changes, Instant now) override;

 private:
  std::optional<ApiError> resize(const Resize& change, const Deadline& whole);
  std::optional<ApiError> mark(const Resize& change, const KubernetesTarget& target,
                               const std::vector<InstanceId>& whom, const nlohmann::json& cost,
                               const Deadline& whole);
  std::chrono::milliseconds left(const Deadline& whole) const;
  ApiAnswer patch(const Resize& change, const std::string& path, std::string body,
                  const Deadline& whole);

  ApiClient& client_;
  ResourceNames& names_;
  WrittenScales& written_;
  const std::chrono::milliseconds budget_;
  std::map<WorkloadId, KubernetesTarget> targets_;
};

}  // namespace autoscaler
