#include "policies/hpa_replicas.h"

#include "policies/counts.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

// In floating point as the HPA computes it, rounding errors included.
int32_t hpa_ceil(double replicas) {
  return to_count(std::ceil(replicas));
}

double as_double(int64_t number) {
  return static_cast<double>(number);
}

struct Usage {
  double ratio = 0;
  int64_t reported = 0;
  std::optional<int64_t> average = std::nullopt;  // utilisation only
  size_t samples = 0;
};

int64_t whole_percent(int64_t value, int64_t request) {
  int64_t hundredfold = 0;
  if (__builtin_mul_overflow(value, int64_t{100}, &hundredfold)) return value / request * 100;
  return hundredfold / request;
}

// nullopt: no request to divide by.
std::optional<Usage> usage_of(const HpaMetricSpec& metric, const HpaPods& pods) {
  Usage usage;
  int64_t total = 0;
  int64_t requests = 0;
  for (const HpaPod& pod : pods.pods) {
    if (!pod.value) continue;
    total = saturating_add(total, *pod.value);
    requests = saturating_add(requests, pod.request);
    ++usage.samples;
  }
  const auto with_request = static_cast<int64_t>(usage.samples);
  usage.samples += pods.strangers.size();
  if (metric.target_kind == HpaMetricSpec::Target::kUtilization) {
    if (requests == 0) return std::nullopt;
    usage.reported = whole_percent(total, requests);
    usage.average = total / with_request;
  } else {
    for (const int64_t value : pods.strangers) total = saturating_add(total, value);
    usage.reported = total / static_cast<int64_t>(usage.samples);
  }
  usage.ratio = as_double(usage.reported) / as_double(metric.target);
  return usage;
}

template <typename Value>
void fill(HpaPods& pods, PodClass klass, Value value) {
  for (HpaPod& pod : pods.pods) {
    if (pod.klass == klass) pod.value = value(pod);
  }
}

void fill_missing(const HpaMetricSpec& metric, double ratio, HpaPods& pods) {
  if (ratio > 1) {
    fill(pods, PodClass::kMissing, [](const HpaPod&) { return int64_t{0}; });
  } else if (ratio < 1 && metric.target_kind == HpaMetricSpec::Target::kUtilization) {
    const int64_t percent = std::max<int64_t>(100, metric.target);
    fill(pods, PodClass::kMissing,
         [percent](const HpaPod& pod) { return pod.request * percent / 100; });
  } else if (ratio < 1) {
    fill(pods, PodClass::kMissing, [&metric](const HpaPod&) { return metric.target; });
  }
}

int64_t count_of(const HpaPods& pods, PodClass klass) {
  return std::count_if(pods.pods.begin(), pods.pods.end(),
                       [klass](const HpaPod& pod) { return pod.klass == klass; });
}

HpaAnswer failed(MissingReason reason) {
  HpaAnswer answer;
  answer.missing = reason;
  return answer;
}

}  // namespace

HpaAnswer replicas_per_pod(const HpaMetricSpec& metric, HpaPods pods, HpaTolerance tolerance,
                           int32_t size) {
  const int64_t ready = count_of(pods, PodClass::kReady);
  if (ready == 0 && pods.strangers.empty()) return failed(MissingReason::kLowCoverage);
  const auto first = usage_of(metric, pods);
  if (!first) return failed(MissingReason::kNoRequest);

  HpaAnswer answer;
  answer.reported = first->reported;
  answer.reported_average = first->average;
  answer.replicas = size;
  const bool unready_up = count_of(pods, PodClass::kUnready) > 0 && first->ratio > 1;
  if (!unready_up && count_of(pods, PodClass::kMissing) == 0) {
    if (!tolerance.covers(first->ratio))
      answer.replicas = hpa_ceil(first->ratio * as_double(ready));
    return answer;
  }

  fill_missing(metric, first->ratio, pods);
  if (unready_up) fill(pods, PodClass::kUnready, [](const HpaPod&) { return int64_t{0}; });
  const auto second = usage_of(metric, pods);
  if (!second) return failed(MissingReason::kNoRequest);
  const bool turned =
      (first->ratio < 1 && second->ratio > 1) || (first->ratio > 1 && second->ratio < 1);
  if (tolerance.covers(second->ratio) || turned) return answer;
  const int32_t wanted = hpa_ceil(second->ratio * static_cast<double>(second->samples));
  const bool against = (second->ratio < 1 && wanted > size) || (second->ratio > 1 && wanted < size);
  if (!against) answer.replicas = wanted;
  return answer;
}

HpaAnswer replicas_of_value(int64_t total, int64_t target, HpaTolerance tolerance,
                            const Workload& workload) {
  HpaAnswer answer;
  answer.reported = total;
  const double ratio = as_double(total) / as_double(target);
  if (workload.size == 0) {
    answer.replicas = hpa_ceil(ratio);
  } else if (tolerance.covers(ratio)) {
    answer.replicas = workload.size;
  } else if (workload.instances.empty()) {
    return failed(MissingReason::kNoTarget);
  } else {
    answer.replicas = hpa_ceil(ratio * running_and_ready(workload));
  }
  return answer;
}

HpaAnswer replicas_of_average(int64_t total, int64_t target, HpaTolerance tolerance,
                              int32_t status_size) {
  HpaAnswer answer;
  answer.replicas = status_size;
  // Without a replica there is no average to report, and the ratio (infinite, or 0/0) is never
  // within tolerance.
  if (status_size > 0) {
    answer.reported = static_cast<int64_t>(std::ceil(as_double(total) / status_size));
  }
  const double ratio = as_double(total) / (as_double(target) * status_size);
  if (!tolerance.covers(ratio)) answer.replicas = hpa_ceil(as_double(total) / as_double(target));
  return answer;
}

}  // namespace autoscaler
