#include "policies/hpa_pods.h"

#include "policies/counts.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

struct Sample {
  int64_t value;
  Instant at;
  Duration window;
};

// A pod's value is the sum over its containers, or the one named; a container that should have the
// resource and has not makes the whole pod missing.
std::optional<int64_t> usage_of(const ContainerUsage& usage, const HpaMetricSpec& metric) {
  const bool one = metric.source == HpaMetricSpec::Source::kContainerResource;
  std::optional<int64_t> sum;
  for (const auto& [name, milli] : usage.containers) {
    if (one && name != metric.container) continue;
    if (!milli) return std::nullopt;
    sum = saturating_add(sum.value_or(0), *milli);
  }
  return sum;
}

std::optional<Sample> sample_of(const Reading& reading, const HpaMetricSpec& metric) {
  const auto* measured = std::get_if<Measured>(&reading);
  if (!measured) return std::nullopt;
  std::optional<int64_t> value;
  if (const auto* usage = std::get_if<ContainerUsage>(&measured->value)) {
    value = usage_of(*usage, metric);
  } else if (const auto* quantities = std::get_if<Quantities>(&measured->value)) {
    if (!quantities->milli.empty()) value = quantities->milli.front();
  } else if (const auto* number = std::get_if<double>(&measured->value)) {
    if (std::isfinite(*number)) value = milli_of(*number);
  }
  if (!value) return std::nullopt;
  return Sample{*value, measured->at, measured->window};
}

// A pod is hot while it starts, for a reason that another pod does not cure: its CPU is not
// believed while it is not ready, nor within one window of having become so. After the
// initialisation period only a pod that never was ready is left out, which is told from when its
// condition changed.
bool cpu_unready(const PodFacts& pod, const HpaFlags& flags, const Sample& sample, Instant now) {
  if ((!pod.ready && !pod.ready_unknown) || !pod.started) return true;
  const bool says_not_ready = pod.ready.has_value() && !*pod.ready && !pod.ready_unknown;
  const Instant changed = pod.ready_changed.value_or(Instant{});
  if (*pod.started + flags.cpu_initialization_period > now) {
    return says_not_ready || sample.at < changed + sample.window;
  }
  return says_not_ready && *pod.started + flags.initial_readiness_delay > changed;
}

bool has_passed_its_check(Lifecycle life) {
  return life == Lifecycle::kReady || life == Lifecycle::kWarming || life == Lifecycle::kInService;
}

// One that is not listed as a pod; nothing tells how young its CPU is.
PodClass class_of_life(Lifecycle life, bool of_cpu, bool has_sample) {
  if (!counts_as_capacity(life)) return PodClass::kIgnored;
  if (life == Lifecycle::kRequested) return PodClass::kUnready;
  if (!has_sample) return PodClass::kMissing;
  return of_cpu && !has_passed_its_check(life) ? PodClass::kUnready : PodClass::kReady;
}

PodClass class_of(const Instance& instance, const HpaMetricSpec& metric, const HpaFlags& flags,
                  const std::optional<Sample>& sample, Instant now) {
  const auto& pod = instance.pod;
  const bool of_cpu = (metric.source == HpaMetricSpec::Source::kResource ||
                       metric.source == HpaMetricSpec::Source::kContainerResource) &&
                      metric.resource == "cpu";
  if (!pod) return class_of_life(instance.lifecycle, of_cpu, sample.has_value());
  if (pod->deleting || pod->phase == PodFacts::Phase::kFailed) return PodClass::kIgnored;
  if (pod->phase == PodFacts::Phase::kPending) return PodClass::kUnready;
  if (!sample) return PodClass::kMissing;
  if (of_cpu && cpu_unready(*pod, flags, *sample, now)) return PodClass::kUnready;
  return PodClass::kReady;
}

using Requests = std::vector<std::pair<std::string, int64_t>>;

const int64_t* find_request(const Requests& requests, const std::string& resource) {
  for (const auto& [name, milli] : requests) {
    if (name == resource) return &milli;
  }
  return nullptr;
}

std::optional<int64_t> request_of(const PodFacts& pod, const HpaMetricSpec& metric) {
  const bool one = metric.source == HpaMetricSpec::Source::kContainerResource;
  if (!one) {
    if (const int64_t* whole = find_request(pod.pod_requests_milli, metric.resource)) return *whole;
  }
  int64_t sum = 0;
  for (const PodFacts::Container& container : pod.containers) {
    if (!container.counts_for_requests || (one && container.name != metric.container)) continue;
    const int64_t* request = find_request(container.requests_milli, metric.resource);
    if (!request) return std::nullopt;
    sum = saturating_add(sum, *request);
  }
  return sum;
}

}  // namespace

HpaPods classify_pods(const HpaMetricSpec& metric, const HpaFlags& flags, const Workload& workload,
                      std::span<const InstanceReading> readings, Instant now, Duration max_age) {
  HpaPods result;
  auto reading = readings.begin();
  const auto take_strangers_before = [&](const InstanceId* id) {
    while (reading != readings.end() && (!id || reading->instance < *id)) {
      if (const auto sample = sample_of(reading->reading, metric)) {
        result.strangers.push_back(sample->value);
      }
      ++reading;
    }
  };
  for (const Instance& instance : workload.instances) {
    take_strangers_before(&instance.id);
    std::optional<Sample> sample;
    if (reading != readings.end() && reading->instance == instance.id) {
      sample = sample_of(reading->reading, metric);
      if (sample && max_age > Duration{0} && now - sample->at > max_age) sample.reset();
      ++reading;
    }
    HpaPod pod;
    pod.klass = class_of(instance, metric, flags, sample, now);
    if (pod.klass == PodClass::kReady) pod.value = sample->value;
    result.pods.push_back(pod);
  }
  take_strangers_before(nullptr);
  return result;
}

bool read_requests(const HpaMetricSpec& metric, const Workload& workload, HpaPods& pods) {
  for (size_t i = 0; i < workload.instances.size(); ++i) {
    const auto& facts = workload.instances[i].pod;
    const auto request = facts ? request_of(*facts, metric) : std::nullopt;
    if (!request) return false;
    pods.pods[i].request = *request;
  }
  return true;
}

int64_t milli_of(double number) {
  constexpr double kMost = 9e18;  // below 2^63
  return static_cast<int64_t>(std::clamp(std::ceil(number * 1000 - 1e-6), -kMost, kMost));
}

int32_t running_and_ready(const Workload& workload) {
  return static_cast<int32_t>(std::count_if(
      workload.instances.begin(), workload.instances.end(), [](const Instance& instance) {
        const auto& pod = instance.pod;
        if (!pod) return has_passed_its_check(instance.lifecycle);
        return pod->phase == PodFacts::Phase::kRunning && pod->ready.value_or(false) &&
               !pod->ready_unknown;
      }));
}

}  // namespace autoscaler
