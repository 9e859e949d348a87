#include "controller/change.h"

namespace autoscaler {

const char* change_name(const Change& change) {
  static constexpr const char* kNames[] = {"launch", "attach",    "drain",
                                           "detach", "terminate", "resize"};
  static_assert(std::size(kNames) == kChangeKinds);
  return kNames[change.index()];
}

bool is_of_cluster(const Change& change) {
  return std::holds_alternative<Launch>(change) || std::holds_alternative<Terminate>(change) ||
         std::holds_alternative<Resize>(change);
}

const WorkloadId& change_workload(const Change& change) {
  return std::visit([](const auto& c) -> const WorkloadId& { return c.workload; }, change);
}

const InstanceId& change_instance(const Change& change) {
  static const InstanceId kNone;
  return std::visit(
      [](const auto& c) -> const InstanceId& {
        if constexpr (std::is_same_v<decltype(c), const Resize&>) {
          return kNone;
        } else {
          return c.instance;
        }
      },
      change);
}

std::string change_subject(const Change& change) {
  const auto* resize = std::get_if<Resize>(&change);
  if (resize == nullptr) return change_instance(change);
  return std::to_string(resize->from) + " -> " + std::to_string(resize->to);
}

bool is_waiting(const ChangeResult& result) {
  return std::holds_alternative<Detach>(result.change) && result.error &&
         result.error->code == Code::kConflict;
}

}  // namespace autoscaler
