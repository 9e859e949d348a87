#pragma once

#include "policies/scene.h"

#include <boost/container/small_vector.hpp>

#include <cstdint>
#include <optional>
#include <span>

namespace autoscaler {

// The HPA's view of one pod, for one metric.
enum class PodClass {
  kIgnored,  // being deleted, or failed: it does not exist for the metric
  kUnready,  // pending, or (cpu) too young to be believed: its sample is dropped
  kMissing,  // no sample
  kReady,
};

struct HpaPod {
  PodClass klass = PodClass::kReady;
  std::optional<int64_t> value;  // milli-units; kReady has one, the others once it is filled in
  int64_t request = 0;           // milli-units; utilisation only
};

struct HpaPods {
  boost::container::small_vector<HpaPod, 64> pods;
  // Samples whose pod is not listed: without a request, but in the mean of a raw value.
  boost::container::small_vector<int64_t, 8> strangers;
};

// Classifies every pod, in the HPA's order of questions. An instance without PodFacts is judged by
// its life: on its way out it is ignored, until it is ready it is unready, and then its CPU is
// believed. Samples older than `max_age` do not exist (0: none is too old).
HpaPods classify_pods(const HpaMetricSpec& metric, const HpaFlags& flags, const Workload& workload,
                      std::span<const InstanceReading> readings, Instant now,
                      Duration max_age = Duration{0});

// Fills HpaPod::request. False: a container has no request, which fails the whole metric.
bool read_requests(const HpaMetricSpec& metric, const Workload& workload, HpaPods& pods);

// A number of ours as Kubernetes would write it: in milli-units, rounded up.
int64_t milli_of(double number);

// Running and Ready, whatever else: what Object and External values are multiplied with.
int32_t running_and_ready(const Workload& workload);

}  // namespace autoscaler
