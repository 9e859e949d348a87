#pragma once

#include "base/result.h"
#include "policies/time.h"

#include <boost/container/small_vector.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace autoscaler {

// One PodMetrics of metrics.k8s.io. Usage is in milli-units.
struct PodUsage {
  // With room for what nearly every pod has: one container, its CPU and its memory.
  struct Container {
    std::string name;
    boost::container::small_vector<std::pair<std::string, int64_t>, 2> usage;  // by resource
  };
  std::string pod;
  std::optional<Instant> at;
  std::optional<Duration> window;
  boost::container::small_vector<Container, 1> containers;
};

// One value of custom.metrics.k8s.io (v1beta1 and v1beta2) or external.metrics.k8s.io.
struct MetricValue {
  std::string object;  // describedObject.name; empty: external
  std::optional<Instant> at;
  std::optional<Duration> window;
  int64_t milli = 0;
};

// Pure, in one pass without a tree: of each item the fields above, whatever else it has.
// kInvalid: no such list, or a field of it that cannot be read; the text says where.
Result<std::vector<PodUsage>> parse_pod_metrics(std::string_view json);
Result<std::vector<MetricValue>> parse_metric_values(std::string_view json);

}  // namespace autoscaler
