#include "controller/telemetry/families.h"

#include <algorithm>

namespace autoscaler {
namespace {

using prometheus::MetricFamily;
using Label = prometheus::ClientMetric::Label;

// The labels and the value of each signal of a workload.
template <typename Visit>
void each_signal(const WorkloadTick& tick, const Visit& visit) {
  const WorkloadSpec& spec = tick.config->spec;
  // The decision may be one that was reached without looking at signals.
  const size_t seen = std::min(spec.signals.size(), tick.decision.signals.size());
  for (size_t i = 0; i < seen; ++i) {
    visit(Label{"workload", spec.name}, Label{"signal", spec.signals[i].name},
          tick.decision.signals[i]);
  }
}

// Each signal has a series in exactly one of: value, missing, idle.
void add_values(MetricFamily& to, const WorkloadTick& tick, Instant /*now*/) {
  each_signal(tick, [&](const Label& of, const Label& name, const SignalValue& signal) {
    if (signal.value) add_gauge(to, {of, name}, *signal.value);
  });
}

void add_missing(MetricFamily& to, const WorkloadTick& tick, Instant /*now*/) {
  each_signal(tick, [&](const Label& of, const Label& name, const SignalValue& signal) {
    if (signal.value || !signal.missing) return;
    add_gauge(to, {of, name, {"reason", missing_reason_name(*signal.missing)}}, 1);
  });
}

void add_idle(MetricFamily& to, const WorkloadTick& tick, Instant /*now*/) {
  each_signal(tick, [&](const Label& of, const Label& name, const SignalValue& signal) {
    if (!signal.value && !signal.missing && signal.idle) add_gauge(to, {of, name}, 1);
  });
}

void add_ages(MetricFamily& to, const WorkloadTick& tick, Instant now) {
  each_signal(tick, [&](const Label& of, const Label& name, const SignalValue& signal) {
    if (signal.at) add_gauge(to, {of, name}, seconds_of(now - *signal.at));
  });
}

void add_coverages(MetricFamily& to, const WorkloadTick& tick, Instant /*now*/) {
  each_signal(tick, [&](const Label& of, const Label& name, const SignalValue& signal) {
    if (signal.expected <= 0) return;
    add_gauge(to, {of, name}, static_cast<double>(signal.reporting) / signal.expected);
  });
}

void add_windows(MetricFamily& to, const WorkloadTick& tick, Instant /*now*/) {
  each_signal(tick, [&](const Label& of, const Label& name, const SignalValue& signal) {
    if (signal.completeness) add_gauge(to, {of, name}, *signal.completeness);
  });
}

void add_doubts(MetricFamily& to, const WorkloadTick& tick, Instant /*now*/) {
  each_signal(tick, [&](const Label& of, const Label& name, const SignalValue& signal) {
    if (signal.doubt) add_gauge(to, {of, name, {"reason", doubt_name(*signal.doubt)}}, 1);
  });
}

constexpr WorkloadFamily kSignalFamilies[] = {
    {"autoscaler_signal_value",
     "A signal as the policies saw it, in its own base unit; absent while it is missing or idle.",
     add_values},
    {"autoscaler_signal_missing", "1 while a signal is missing, with the reason.", add_missing},
    {"autoscaler_signal_idle",
     "1 while there is no traffic to take a signal's ratio or quantile of.", add_idle},
    {"autoscaler_signal_age_seconds", "Seconds from a signal's newest sample to the tick.",
     add_ages},
    {"autoscaler_signal_coverage_ratio", "Instances that report a signal, of those that should.",
     add_coverages},
    {"autoscaler_signal_window_completeness_ratio",
     "Share of a signal's window that its samples cover.", add_windows},
    {"autoscaler_signal_doubtful",
     "1 while a signal's value is too doubtful for a scale-in, with the reason.", add_doubts},
};

}  // namespace

std::span<const WorkloadFamily> signal_families() {
  return kSignalFamilies;
}

}  // namespace autoscaler
