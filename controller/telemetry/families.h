#pragma once

#include "controller/config/config_status.h"
#include "controller/tick_record.h"

#include <prometheus/metric_family.h>

#include <functional>
#include <initializer_list>
#include <vector>

namespace autoscaler {

double seconds_of(Duration duration);

prometheus::MetricFamily family(const char* name, const char* help, prometheus::MetricType type);

// One series of a gauge. What is not a finite number is left out: a gap says more than NaN.
void add_gauge(prometheus::MetricFamily& to,
               std::initializer_list<prometheus::ClientMetric::Label> labels, double value);

// How the config file stands to what runs.
std::vector<prometheus::MetricFamily> config_families(const ConfigStatus& status);
// What the last tick found and decided: a gauge family each, series in config order.
std::vector<prometheus::MetricFamily> tick_families(const TickRecord& record);
// One after the other: together those of thousands of workloads take several times their text.
void workload_families(const TickRecord& record,
                       const std::function<void(prometheus::MetricFamily)>& take);
// What each signal was, and how far it may be trusted.
std::vector<prometheus::MetricFamily> signal_families(const TickRecord& record);
// What was learned of the workloads that learn.
std::vector<prometheus::MetricFamily> learned_families(const TickRecord& record);
// What load they expect, and how their error budgets stand.
std::vector<prometheus::MetricFamily> forecast_families(const TickRecord& record);

}  // namespace autoscaler
