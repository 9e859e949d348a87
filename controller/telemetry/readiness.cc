#include "controller/telemetry/readiness.h"

#include "controller/telemetry/families.h"

namespace autoscaler {
namespace {

// From a process that is up at once to a machine that boots.
const prometheus::Histogram::BucketBoundaries kReadyBuckets = {0.25, 0.5, 1,  2.5, 5,   10,
                                                               20,   40,  60, 120, 300, 600};

}  // namespace

void ReadinessTimes::observe(const TickRecord& record) {
  for (const WorkloadTick& workload : record.workloads) {
    for (const Duration took : workload.became_ready) {
      auto& histogram = histograms_[workload.config->spec.name];
      if (!histogram) histogram = std::make_unique<prometheus::Histogram>(kReadyBuckets);
      histogram->Observe(std::chrono::duration<double>(took).count());
    }
  }
}

prometheus::MetricFamily ReadinessTimes::collect() const {
  prometheus::MetricFamily times =
      family("autoscaler_time_to_ready_seconds",
             "Time from an instance's order to its first good health check.",
             prometheus::MetricType::Histogram);
  for (const auto& [workload, histogram] : histograms_) {
    prometheus::ClientMetric series = histogram->Collect();
    series.label = {{"workload", workload}};
    times.metric.push_back(std::move(series));
  }
  return times;
}

}  // namespace autoscaler
