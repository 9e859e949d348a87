#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// What the HPA decides, once more: from its description and not from our code, in the plainest
// words, without a thought for speed. Times are milliseconds since some start, quantities
// milli-units.
namespace reference {

using Millis = int64_t;
using Milli = int64_t;

struct Container {
  std::string name;
  bool is_counted = true;  // its requests count: no init container that ends
  std::map<std::string, Milli> requests;
};

struct Condition {
  std::string status;  // "True", "False", "Unknown"
  Millis last_transition = 0;
};

struct Pod {
  std::string name;
  std::string phase = "Running";
  bool is_deleting = false;
  std::optional<Millis> started;
  std::optional<Condition> ready;
  std::vector<Container> containers;
  std::map<std::string, Milli> requests;  // of the pod as a whole
};

struct Sample {
  Millis at = 0;
  Millis window = 60'000;
  // Resource metrics: usage by container, nothing where the resource is not listed.
  std::vector<std::pair<std::string, std::optional<Milli>>> containers;
  Milli value = 0;  // Pods metrics
};

struct Metric {
  std::string source;     // "Resource", "ContainerResource", "Pods", "Object", "External"
  std::string resource;   // "cpu", "memory"
  std::string container;  // ContainerResource
  std::string target;     // "Utilization", "AverageValue", "Value"
  int64_t wanted = 0;     // percent, or milli-units
  bool is_failed = false;
  std::map<std::string, Sample> samples;  // by pod
  std::vector<Milli> series;              // Object, External
};

struct Rate {
  std::string type;  // "Pods", "Percent"
  int64_t value = 0;
  Millis period = 0;
};

struct Direction {
  Millis window = 0;
  std::string select;  // "Max", "Min", "Disabled"
  std::vector<Rate> rates;
  std::optional<double> tolerance;
};

struct Behavior {
  Direction up;
  Direction down;
};

struct Past {
  Millis at = 0;
  int64_t number = 0;  // a recommendation, or a change of the size
};

struct Case {
  Millis now = 0;
  int64_t spec_replicas = 0;
  int64_t status_replicas = 0;
  int64_t min = 1;
  int64_t max = 1;
  double tolerance = 0.1;
  Millis cpu_initialization = 300'000;
  Millis initial_readiness = 30'000;
  Millis downscale_stabilization = 300'000;
  std::optional<Behavior> behavior;
  std::vector<Pod> pods;
  std::vector<Metric> metrics;
  std::vector<Past> recommendations;
  std::vector<Past> events;
};

struct Proposal {
  std::optional<int64_t> replicas;  // nothing: the metric cannot be computed
  std::optional<int64_t> reported;
};

struct Answer {
  int64_t replicas = 0;
  std::optional<int64_t> recommendation;  // what is remembered, where anything is
  std::vector<Proposal> proposals;        // none where the size was settled before any metric
};

Answer decide(const Case& one);

}  // namespace reference
