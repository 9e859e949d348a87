#pragma once

#include "controller/config/config_status.h"
#include "controller/tick_record.h"

#include <prometheus/metric_family.h>

#include <initializer_list>
#include <span>
#include <vector>

namespace autoscaler {

double seconds_of(Duration duration);

prometheus::MetricFamily family(const char* name, const char* help, prometheus::MetricType type);

// One series of a gauge. What is not a finite number is left out: a gap says more than NaN.
void add_gauge(prometheus::MetricFamily& to,
               std::initializer_list<prometheus::ClientMetric::Label> labels, double value);

// How the config file stands to what runs.
std::vector<prometheus::MetricFamily> config_families(const ConfigStatus& status);
// What the last tick found of the program itself.
std::vector<prometheus::MetricFamily> tick_families(const TickRecord& record);

// A family of gauges that every workload may have series of. They are added workload by workload:
// of thousands, all of one family take 1 MB and more.
struct WorkloadFamily {
  const char* name;
  const char* help;
  // `now` is the tick's.
  void (*add)(prometheus::MetricFamily& to, const WorkloadTick& tick, Instant now);
};
// Its size, and what decides it.
std::span<const WorkloadFamily> size_families();
// What each signal was, and how far it may be trusted.
std::span<const WorkloadFamily> signal_families();
// What was learned, of the workloads that learn.
std::span<const WorkloadFamily> learned_families();
// What load they expect, and how their error budgets stand.
std::span<const WorkloadFamily> forecast_families();

}  // namespace autoscaler
