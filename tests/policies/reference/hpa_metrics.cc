#include "tests/policies/reference/hpa_metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace reference {
namespace {

double real(int64_t number) {
  return static_cast<double>(number);
}

int64_t up(double number) {
  if (!(number > 0)) return 0;
  const double most = std::numeric_limits<int32_t>::max();
  return static_cast<int64_t>(std::min(std::ceil(number), most));
}

bool is_within_tolerance(const Case& one, double ratio) {
  double out = one.tolerance;
  double in = one.tolerance;
  if (one.behavior && one.behavior->up.tolerance) out = *one.behavior->up.tolerance;
  if (one.behavior && one.behavior->down.tolerance) in = *one.behavior->down.tolerance;
  return 1 - in <= ratio && ratio <= 1 + out;
}

// The number of a sample: the sum over all containers, or the one that is named. A container that
// should have the resource and does not list it makes the pod one without a sample.
std::optional<Milli> number_of(const Metric& metric, const Sample& sample) {
  if (metric.source == "Pods") return sample.value;
  Milli sum = 0;
  int found = 0;
  for (const auto& [name, usage] : sample.containers) {
    if (metric.source == "ContainerResource" && name != metric.container) continue;
    if (!usage) return std::nullopt;
    sum += *usage;
    ++found;
  }
  if (found == 0) return std::nullopt;
  return sum;
}

std::string class_of(const Case& one, const Metric& metric, const Pod& pod) {
  if (pod.is_deleting || pod.phase == "Failed") return "ignored";
  if (pod.phase == "Pending") return "unready";
  const auto found = metric.samples.find(pod.name);
  if (found == metric.samples.end() || !number_of(metric, found->second)) return "missing";
  if (metric.source == "Pods" || metric.resource != "cpu") return "ready";

  const Sample& sample = found->second;
  if (!pod.ready || !pod.started) return "unready";
  const bool is_starting = *pod.started + one.cpu_initialization > one.now;
  if (is_starting) {
    if (pod.ready->status == "False") return "unready";
    if (sample.at < pod.ready->last_transition + sample.window) return "unready";
    return "ready";
  }
  const bool never_was_ready = pod.ready->last_transition < *pod.started + one.initial_readiness;
  if (pod.ready->status == "False" && never_was_ready) return "unready";
  return "ready";
}

std::optional<Milli> request_of(const Metric& metric, const Pod& pod) {
  if (metric.source == "Resource" && pod.requests.count(metric.resource) > 0) {
    return pod.requests.at(metric.resource);
  }
  Milli sum = 0;
  for (const Container& container : pod.containers) {
    if (!container.is_counted) continue;
    if (metric.source == "ContainerResource" && container.name != metric.container) continue;
    if (container.requests.count(metric.resource) == 0) return std::nullopt;
    sum += container.requests.at(metric.resource);
  }
  return sum;
}

// The mean over the pods against the target, as a ratio; nothing where there is no request.
struct Usage {
  double ratio = 0;
  int64_t reported = 0;
};

std::optional<Usage> usage_of(const Metric& metric, const std::map<std::string, Milli>& numbers,
                              const std::map<std::string, Milli>& requests) {
  Usage usage;
  if (metric.target == "Utilization") {
    Milli used = 0;
    Milli requested = 0;
    for (const auto& [pod, number] : numbers) {
      if (requests.count(pod) == 0) continue;
      used += number;
      requested += requests.at(pod);
    }
    if (requested == 0) return std::nullopt;
    usage.reported = used * 100 / requested;  // whole percent
  } else {
    Milli sum = 0;
    for (const auto& [pod, number] : numbers) sum += number;
    usage.reported = sum / static_cast<int64_t>(numbers.size());
  }
  usage.ratio = real(usage.reported) / real(metric.wanted);
  return usage;
}

Milli fill_for_missing(const Metric& metric, double ratio, Milli request) {
  if (ratio > 1) return 0;
  if (metric.target == "Utilization") return request * std::max<int64_t>(100, metric.wanted) / 100;
  return metric.wanted;
}

Proposal over_pods(const Case& one, const Metric& metric) {
  Proposal proposal;
  if (metric.samples.empty() || one.pods.empty()) return proposal;
  std::map<std::string, Milli> requests;
  if (metric.target == "Utilization") {
    for (const Pod& pod : one.pods) {
      const auto request = request_of(metric, pod);
      if (!request) return proposal;
      requests[pod.name] = *request;
    }
  }

  std::map<std::string, Milli> numbers;
  for (const auto& [pod, sample] : metric.samples) {
    if (const auto number = number_of(metric, sample)) numbers[pod] = *number;
  }
  std::map<std::string, std::vector<std::string>> pods;  // by class
  for (const Pod& pod : one.pods) pods[class_of(one, metric, pod)].push_back(pod.name);
  for (const std::string& pod : pods["ignored"]) numbers.erase(pod);
  for (const std::string& pod : pods["unready"]) numbers.erase(pod);
  if (numbers.empty()) return proposal;

  const auto first = usage_of(metric, numbers, requests);
  if (!first) return proposal;
  proposal.reported = first->reported;
  const bool is_up_with_unready = !pods["unready"].empty() && first->ratio > 1;
  if (!is_up_with_unready && pods["missing"].empty()) {
    proposal.replicas = one.spec_replicas;
    if (!is_within_tolerance(one, first->ratio)) {
      proposal.replicas = up(first->ratio * real(static_cast<int64_t>(pods["ready"].size())));
    }
    return proposal;
  }

  if (first->ratio != 1) {
    for (const std::string& pod : pods["missing"]) {
      numbers[pod] = fill_for_missing(metric, first->ratio, requests[pod]);
    }
  }
  if (is_up_with_unready) {
    for (const std::string& pod : pods["unready"]) numbers[pod] = 0;
  }
  const auto second = usage_of(metric, numbers, requests);
  if (!second) return Proposal{};
  proposal.replicas = one.spec_replicas;
  if (is_within_tolerance(one, second->ratio)) return proposal;
  if (first->ratio < 1 && second->ratio > 1) return proposal;
  if (first->ratio > 1 && second->ratio < 1) return proposal;
  const int64_t wanted = up(second->ratio * real(static_cast<int64_t>(numbers.size())));
  if (second->ratio < 1 && wanted > one.spec_replicas) return proposal;
  if (second->ratio > 1 && wanted < one.spec_replicas) return proposal;
  proposal.replicas = wanted;
  return proposal;
}

int64_t running_and_ready(const Case& one) {
  int64_t count = 0;
  for (const Pod& pod : one.pods) {
    if (pod.phase == "Running" && pod.ready && pod.ready->status == "True") ++count;
  }
  return count;
}

Proposal over_service(const Case& one, const Metric& metric) {
  Proposal proposal;
  if (metric.series.empty()) return proposal;
  int64_t total = 0;
  for (const Milli each : metric.series) total += each;

  if (metric.target == "AverageValue") {
    const double ratio = real(total) / (real(metric.wanted) * real(one.status_replicas));
    proposal.replicas = one.status_replicas;
    if (!is_within_tolerance(one, ratio)) proposal.replicas = up(real(total) / real(metric.wanted));
    if (one.status_replicas > 0) {
      proposal.reported = static_cast<int64_t>(std::ceil(real(total) / real(one.status_replicas)));
    }
    return proposal;
  }

  const double ratio = real(total) / real(metric.wanted);
  proposal.reported = total;
  if (one.spec_replicas == 0) {
    proposal.replicas = up(ratio);
  } else if (is_within_tolerance(one, ratio)) {
    proposal.replicas = one.spec_replicas;
  } else if (one.pods.empty()) {
    return Proposal{};
  } else {
    proposal.replicas = up(ratio * real(running_and_ready(one)));
  }
  return proposal;
}

}  // namespace

Proposal propose(const Case& one, const Metric& metric) {
  if (metric.is_failed) return {};
  const bool is_of_service = metric.source == "Object" || metric.source == "External";
  return is_of_service ? over_service(one, metric) : over_pods(one, metric);
}

}  // namespace reference
