#include "controller/config/lint_rules.h"
#include "controller/config/units.h"

#include <algorithm>

namespace autoscaler {
namespace {

bool is_custom(const WorkloadConfig& workload) {
  const KubernetesTarget* target = workload.kubernetes();
  return target != nullptr && target->api_version != "apps/v1";
}

}  // namespace

// The scale of a custom resource is asked for at each tick where its kind may not be watched, and
// when it has changed where it may: writes and metrics want the other half.
void lint_requests(const ControllerSpec& controller, const std::vector<PlacedWorkload>& workloads,
                   Problems& warnings) {
  const auto custom = std::count_if(workloads.begin(), workloads.end(),
                                    [](const auto& placed) { return is_custom(placed.workload); });
  const double seconds = std::chrono::duration<double>(controller.interval).count();
  const double qps = controller.kubernetes.requests_per_second;
  if (static_cast<double>(custom) / seconds <= qps / 2) return;
  const auto first = std::find_if(workloads.begin(), workloads.end(),
                                  [](const auto& placed) { return is_custom(placed.workload); });
  first->place.reporting_to(warnings).near("target").problem(
      std::to_string(custom) + " custom resources are asked for their size every " +
      format_number(seconds) +
      " s, where they may not be listed and watched, which is more than half of the " +
      format_number(qps) +
      " requests a second of controller.kubernetes.qps: grant that, raise qps and burst, or the "
      "interval");
}

}  // namespace autoscaler
