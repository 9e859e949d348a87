#include "controller/telemetry/families.h"
#include "policies/capacity_sampler.h"

namespace autoscaler {

using prometheus::MetricFamily;
using prometheus::MetricType;

std::vector<MetricFamily> learned_families(const TickRecord& record) {
  MetricFamily capacity = family(
      "autoscaler_learned_capacity",
      "The load per instance that was learned to meet the SLO, in the signal's own unit: what is "
      "sized by. Absent while it is unknown.",
      MetricType::Gauge);
  MetricFamily sure = family("autoscaler_learned_capacity_confidence",
                             "Its share of the most likely value, 0 to 1; 0 while it is unknown.",
                             MetricType::Gauge);
  MetricFamily safe = family("autoscaler_learned_safe_load",
                             "The highest load per instance at which the SLO was seen to be met.",
                             MetricType::Gauge);
  MetricFamily samples = family("autoscaler_learned_capacity_samples",
                                "Samples of load and p95 that it is made of.", MetricType::Gauge);
  MetricFamily evidence =
      family("autoscaler_learned_capacity_info",
             "How the capacity is known, or why it is not, always 1.", MetricType::Gauge);
  for (const WorkloadTick& workload : record.workloads) {
    const WorkloadSpec& spec = workload.config->spec;
    const std::vector<Capacity>& capacities = workload.workload.capacities;
    for (size_t i = 0; i < capacities.size(); ++i) {
      if (!learns_capacity(spec, i)) continue;
      const Capacity& each = capacities[i];
      const std::string& signal = spec.signals[i].name;
      if (each.per_instance) {
        add_gauge(capacity, {{"workload", spec.name}, {"signal", signal}}, *each.per_instance);
      }
      if (each.safe_to) {
        add_gauge(safe, {{"workload", spec.name}, {"signal", signal}}, *each.safe_to);
      }
      add_gauge(sure, {{"workload", spec.name}, {"signal", signal}}, confidence(each));
      add_gauge(samples, {{"workload", spec.name}, {"signal", signal}}, each.samples);
      add_gauge(evidence,
                {{"workload", spec.name},
                 {"signal", signal},
                 {"evidence", capacity_evidence_name(each.evidence)}},
                1);
    }
  }
  return {std::move(capacity), std::move(sure), std::move(safe), std::move(samples),
          std::move(evidence)};
}

}  // namespace autoscaler
