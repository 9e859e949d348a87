#include "controller/change.h"

namespace autoscaler {

const char* change_name(const Change& change) {
  static constexpr const char* kNames[] = {"launch", "attach", "drain", "detach", "terminate"};
  static_assert(std::size(kNames) == kChangeKinds);
  return kNames[change.index()];
}

const WorkloadId& change_workload(const Change& change) {
  return std::visit([](const auto& c) -> const WorkloadId& { return c.workload; }, change);
}

const InstanceId& change_instance(const Change& change) {
  return std::visit([](const auto& c) -> const InstanceId& { return c.instance; }, change);
}

bool is_waiting(const ChangeResult& result) {
  return std::holds_alternative<Detach>(result.change) && result.error &&
         result.error->code == Code::kConflict;
}

}  // namespace autoscaler
