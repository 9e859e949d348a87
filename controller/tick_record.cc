#include "controller/tick_record.h"

#include <algorithm>
#include <iterator>

namespace autoscaler {

const char* stage_name(Stage stage) {
  static constexpr const char* kNames[] = {"observe", "read",  "learn", "evaluate",
                                           "plan",    "apply", "record"};
  static_assert(std::size(kNames) == kStageCount);
  const auto index = static_cast<size_t>(stage);
  CHECK(index < std::size(kNames));
  return kNames[index];
}

bool is_rival(const Error& target_error) {
  return target_error.code == Code::kConflict;
}

bool is_contended(const WorkloadTick& workload) {
  return std::any_of(workload.target_errors.begin(), workload.target_errors.end(), is_rival);
}

Outcome outcome_of(const WorkloadTick& workload, bool dry_run) {
  const Decision& decision = workload.decision;
  if (decision.to == decision.from) return Outcome::kHeld;
  if (dry_run) return Outcome::kSkipped;
  if (workload.config->kubernetes() != nullptr) {
    const bool skipped = std::any_of(workload.changes.begin(), workload.changes.end(),
                                     [](const ChangeResult& result) { return result.skipped; });
    if (skipped) return Outcome::kSkipped;  // another controller leads
    const bool written = std::any_of(
        workload.changes.begin(), workload.changes.end(), [](const ChangeResult& result) {
          return std::holds_alternative<Resize>(result.change) && !result.error;
        });
    return written ? Outcome::kApplied : Outcome::kFailed;
  }
  if (decision.to < decision.from) {
    const bool blind = workload.cluster_error || workload.balancer_error;
    return blind ? Outcome::kFailed : Outcome::kApplied;
  }
  if (workload.workload.status_size >= decision.to) return Outcome::kApplied;
  const bool added =
      std::any_of(workload.changes.begin(), workload.changes.end(), [](const ChangeResult& result) {
        const bool adds = std::holds_alternative<Launch>(result.change) ||
                          std::holds_alternative<Attach>(result.change);
        return adds && !result.error;
      });
  return added ? Outcome::kApplied : Outcome::kFailed;
}

}  // namespace autoscaler
