#pragma once

#include "controller/cluster.h"
#include "controller/load_balancer.h"

#include <vector>

namespace autoscaler {

// The write halves of a dry-run: every change is answered with Skipped. This file knows no API
// client, and a dry-run program is wired with nothing else that could write.
class SkippingClusterWriter final : public ClusterWriter {
 public:
  std::vector<ChangeResult> apply(std::span<const Change> changes, Instant now) override;
};

class SkippingBalancerWriter final : public BalancerWriter {
 public:
  std::vector<ChangeResult> apply(std::span<const Change> changes, Instant now) override;
};

}  // namespace autoscaler
