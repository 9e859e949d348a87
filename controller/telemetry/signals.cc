#include "controller/telemetry/families.h"

#include <algorithm>

namespace autoscaler {

using prometheus::MetricFamily;
using prometheus::MetricType;

// Each signal has a series in exactly one of: value, missing, idle.
std::vector<MetricFamily> signal_families(const TickRecord& record) {
  MetricFamily values =
      family("autoscaler_signal_value",
             "A signal as the policies saw it, in its own base unit; absent while it is missing or "
             "idle.",
             MetricType::Gauge);
  MetricFamily missing = family("autoscaler_signal_missing",
                                "1 while a signal is missing, with the reason.", MetricType::Gauge);
  MetricFamily idle = family("autoscaler_signal_idle",
                             "1 while there is no traffic to take a signal's ratio or quantile of.",
                             MetricType::Gauge);
  MetricFamily ages =
      family("autoscaler_signal_age_seconds", "Seconds from a signal's newest sample to the tick.",
             MetricType::Gauge);
  MetricFamily coverages =
      family("autoscaler_signal_coverage_ratio",
             "Instances that report a signal, of those that should.", MetricType::Gauge);
  MetricFamily windows =
      family("autoscaler_signal_window_completeness_ratio",
             "Share of a signal's window that its samples cover.", MetricType::Gauge);
  MetricFamily doubts =
      family("autoscaler_signal_doubtful",
             "1 while a signal's value is too doubtful for a scale-in, with the reason.",
             MetricType::Gauge);
  for (const WorkloadTick& workload : record.workloads) {
    const WorkloadSpec& spec = workload.config->spec;
    // The decision may be one that was reached without looking at signals.
    const size_t seen = std::min(spec.signals.size(), workload.decision.signals.size());
    for (size_t i = 0; i < seen; ++i) {
      const SignalValue& signal = workload.decision.signals[i];
      const prometheus::ClientMetric::Label of{"workload", spec.name};
      const prometheus::ClientMetric::Label name{"signal", spec.signals[i].name};
      if (signal.value) {
        add_gauge(values, {of, name}, *signal.value);
      } else if (signal.missing) {
        add_gauge(missing, {of, name, {"reason", missing_reason_name(*signal.missing)}}, 1);
      } else if (signal.idle) {
        add_gauge(idle, {of, name}, 1);
      }
      if (signal.at) add_gauge(ages, {of, name}, seconds_of(record.now - *signal.at));
      if (signal.expected > 0) {
        add_gauge(coverages, {of, name}, static_cast<double>(signal.reporting) / signal.expected);
      }
      if (signal.completeness) add_gauge(windows, {of, name}, *signal.completeness);
      if (signal.doubt) add_gauge(doubts, {of, name, {"reason", doubt_name(*signal.doubt)}}, 1);
    }
  }
  return {std::move(values),    std::move(missing), std::move(idle),  std::move(ages),
          std::move(coverages), std::move(windows), std::move(doubts)};
}

}  // namespace autoscaler
