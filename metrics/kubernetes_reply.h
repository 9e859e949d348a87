#pragma once

#include "base/result.h"
#include "policies/time.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace autoscaler {

// A PodMetricsList of metrics.k8s.io in a few blocks, whatever the number of its pods: with strings
// and lists of their own, 6,000 pods of one container take 2 MB, and like this 0.7. Usage is in
// milli-units.
struct PodMetricsList {
  struct Part {  // of what all have together
    uint32_t begin = 0;
    uint32_t size = 0;
  };
  struct Usage {
    uint32_t resource;  // its place in `names`
    int64_t milli;
  };
  struct Container {
    uint32_t name;  // its place in `names`
    Part usage;
  };
  struct Pod {
    Part name;
    Part containers;
    std::optional<Instant> at;
    std::optional<Duration> window;
  };

  std::string_view name_of(const Pod& pod) const {
    return std::string_view(pod_names).substr(pod.name.begin, pod.name.size);
  }
  std::span<const Container> containers_of(const Pod& pod) const {
    return std::span(containers).subspan(pod.containers.begin, pod.containers.size);
  }
  std::span<const Usage> usage_of(const Container& container) const {
    return std::span(usage).subspan(container.usage.begin, container.usage.size);
  }

  std::vector<Pod> pods;
  std::string pod_names;              // of all pods, one after another
  std::vector<Container> containers;  // of all pods
  std::vector<Usage> usage;           // of all containers
  std::vector<std::string> names;     // of containers and resources, each once
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
Result<PodMetricsList> parse_pod_metrics(std::string_view json);
Result<std::vector<MetricValue>> parse_metric_values(std::string_view json);

}  // namespace autoscaler
