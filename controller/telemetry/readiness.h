#pragma once

#include "controller/tick_record.h"

#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>

#include <map>
#include <memory>

namespace autoscaler {

// The measured times to readiness of each workload, from the first one it has.
// Not thread-safe: Telemetry holds its lock.
class ReadinessTimes {
 public:
  void observe(const TickRecord& record);
  prometheus::MetricFamily collect() const;

 private:
  std::map<WorkloadId, std::unique_ptr<prometheus::Histogram>> histograms_;
};

}  // namespace autoscaler
