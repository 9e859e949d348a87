#pragma once

#include "controller/tick_record.h"

#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace autoscaler {

// A decision as it first stood.
struct KeptDecision {
  Instant at;
  uint64_t tick = 0;
  std::shared_ptr<const Config> config;  // owns `workload`
  const WorkloadConfig* workload = nullptr;
  Decision decision;
  Outcome outcome = Outcome::kHeld;
};

// The last decisions of each workload. One that says the same as the one before is not kept: a
// service at rest would soon have nothing else.
class DecisionHistory {
 public:
  void add(const TickRecord& record);
  // Newest first, then by workload; nullopt: of all.
  std::vector<std::shared_ptr<const KeptDecision>> newest(const std::optional<WorkloadId>& workload,
                                                          size_t limit) const;

 private:
  using Kept = std::vector<std::shared_ptr<const KeptDecision>>;  // oldest first
  std::map<WorkloadId, Kept> workloads_;
};

}  // namespace autoscaler
