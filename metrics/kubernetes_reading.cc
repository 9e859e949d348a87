#include "metrics/kubernetes_reading.h"

#include "policies/counts.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <map>

namespace autoscaler {
namespace {

constexpr Duration kDefaultWindow = std::chrono::seconds(60);

double units(int64_t milli) {
  return static_cast<double>(milli) / 1000;
}

Measured measured(Value value, const std::optional<Instant>& at,
                  const std::optional<Duration>& window, Instant now) {
  return {std::move(value), at.value_or(now), window.value_or(kDefaultWindow)};
}

// Of pairs of a resource and its milli-units.
template <typename Amounts>
std::optional<int64_t> amount_of(const Amounts& amounts, const std::string& resource) {
  for (const auto& [name, milli] : amounts) {
    if (name == resource) return milli;
  }
  return std::nullopt;
}

std::optional<int64_t> amount_of(const PodMetricsList& list,
                                 const PodMetricsList::Container& container,
                                 const std::string& resource) {
  for (const auto& [name, milli] : list.usage_of(container)) {
    if (list.names[name] == resource) return milli;
  }
  return std::nullopt;
}

ContainerUsage usage_of(const PodMetricsList& list, const PodMetricsList::Pod& pod,
                        const std::string& resource) {
  ContainerUsage usage;
  for (const PodMetricsList::Container& container : list.containers_of(pod)) {
    usage.containers.emplace_back(list.names[container.name], amount_of(list, container, resource));
  }
  std::stable_sort(usage.containers.begin(), usage.containers.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  return usage;
}

// A container that is listed without the resource makes the whole unknown, as for the HPA.
std::optional<int64_t> used(const KubernetesRead::Resource& resource, const PodMetricsList& list,
                            const PodMetricsList::Pod& pod) {
  std::optional<int64_t> sum;
  for (const PodMetricsList::Container& container : list.containers_of(pod)) {
    const bool is_of_it =
        resource.container.empty() || list.names[container.name] == resource.container;
    if (!is_of_it) continue;
    const auto milli = amount_of(list, container, resource.resource);
    if (!milli) return std::nullopt;
    sum = saturating_add(sum.value_or(0), *milli);
  }
  return sum;
}

std::optional<int64_t> requested(const KubernetesRead::Resource& resource, const PodFacts& pod) {
  if (resource.container.empty()) {
    if (const auto whole = amount_of(pod.pod_requests_milli, resource.resource)) return whole;
  }
  std::optional<int64_t> sum;
  for (const PodFacts::Container& container : pod.containers) {
    if (!container.counts_for_requests) continue;
    if (!resource.container.empty() && container.name != resource.container) continue;
    const auto milli = amount_of(container.requests_milli, resource.resource);
    if (!milli) return std::nullopt;
    sum = saturating_add(sum.value_or(0), *milli);
  }
  return sum;
}

Reading number_of(const KubernetesRead::Resource& resource, const Target& target,
                  const PodMetricsList& list, const PodMetricsList::Pod& pod, Instant now) {
  const auto milli = used(resource, list, pod);
  if (!milli) return Missing{MissingReason::kNoSeries, "its sample has no " + resource.resource};
  if (!resource.of_request) return measured(units(*milli), pod.at, pod.window, now);
  const auto request = target.pod == nullptr ? std::nullopt : requested(resource, *target.pod);
  if (!request || *request <= 0) {
    return Missing{MissingReason::kNoRequest, "a container requests no " + resource.resource +
                                                  ", of which it would be a part"};
  }
  return measured(static_cast<double>(*milli) / static_cast<double>(*request), pod.at, pod.window,
                  now);
}

// One reading for each target that has one; nothing at all is missing as a whole.
Signal each_or_missing(std::vector<InstanceReading> readings, bool has_targets) {
  const bool none = std::none_of(readings.begin(), readings.end(), [](const InstanceReading& each) {
    const auto* missing = std::get_if<Missing>(&each.reading);
    return missing == nullptr || missing->reason != MissingReason::kNoSeries;
  });
  if (!none) return {std::move(readings)};
  if (!has_targets) return {Missing{MissingReason::kNoTarget, {}}};
  return {Missing{MissingReason::kNoSeries, "no pod of the workload has a sample"}};
}

// Without what stands between the quotes of "creationTimestamp":"2026-09-21T14:13:20Z".
size_t digest_of(std::string_view body) {
  constexpr std::string_view kMoment = "creationTimestamp\":\"";
  constexpr size_t kOdd = 0x9e3779b97f4a7c15;
  size_t digest = 0;
  while (!body.empty()) {
    const void* found = ::memmem(body.data(), body.size(), kMoment.data(), kMoment.size());
    const char* end = body.data() + body.size();
    if (found != nullptr) end = static_cast<const char*>(found) + kMoment.size();
    const std::string_view part(body.data(), static_cast<size_t>(end - body.data()));
    digest = (digest ^ std::hash<std::string_view>()(part)) * kOdd;
    body.remove_prefix(part.size());
    if (found != nullptr) body.remove_prefix(std::min(body.find('"'), body.size()));
  }
  return digest;
}

}  // namespace

PodUsages::PodUsages(PodMetricsList list, std::string_view body)
    : list_(std::move(list)),
      digest_(digest_of(body)),
      is_dated_(
          std::ranges::all_of(list_.pods, [](const auto& pod) { return pod.at.has_value(); })),
      places_(std::bit_ceil(2 * list_.pods.size() + 1), static_cast<uint32_t>(list_.pods.size())) {
  for (uint32_t i = 0; i < list_.pods.size(); ++i) {
    places_[place_of(list_.name_of(list_.pods[i]))] = i;
  }
}

bool PodUsages::is_of(std::string_view body) const {
  return digest_of(body) == digest_;
}

const PodMetricsList::Pod* PodUsages::find(std::string_view pod) const {
  const uint32_t found = places_[place_of(pod)];
  return found == list_.pods.size() ? nullptr : &list_.pods[found];
}

size_t PodUsages::place_of(std::string_view pod) const {
  const auto is_other = [&](uint32_t kept) {
    return kept != list_.pods.size() && list_.name_of(list_.pods[kept]) != pod;
  };
  const size_t last = places_.size() - 1;
  size_t place = std::hash<std::string_view>()(pod) & last;
  while (is_other(places_[place])) place = (place + 1) & last;
  return place;
}

Signal resource_signal(const KubernetesRead::Resource& resource, bool exact,
                       std::span<const Target> targets, const PodUsages& usage, Instant now) {
  std::vector<InstanceReading> readings;
  readings.reserve(targets.size());
  for (const Target& target : targets) {
    const PodMetricsList::Pod* found = usage.find(target.instance);
    if (found == nullptr) {
      if (exact) continue;
      readings.push_back({target.instance, Missing{MissingReason::kNoSeries, "it has no sample"}});
      continue;
    }
    const PodMetricsList& list = usage.list();
    Reading reading;
    if (exact) {
      reading = measured(usage_of(list, *found, resource.resource), found->at, found->window, now);
    } else {
      reading = number_of(resource, target, list, *found, now);
    }
    readings.push_back({target.instance, std::move(reading)});
  }
  return each_or_missing(std::move(readings), !targets.empty());
}

Signal pods_signal(bool exact, std::span<const Target> targets,
                   const std::vector<MetricValue>& values, Instant now) {
  std::map<std::string_view, const MetricValue*> by_name;
  for (const MetricValue& value : values) by_name[value.object] = &value;
  std::vector<InstanceReading> readings;
  for (const Target& target : targets) {
    const auto found = by_name.find(target.instance);
    if (found == by_name.end()) {
      if (exact) continue;
      readings.push_back({target.instance, Missing{MissingReason::kNoSeries, "it has no sample"}});
      continue;
    }
    const MetricValue& value = *found->second;
    Reading reading = measured(units(value.milli), value.at, value.window, now);
    if (exact) reading = measured(Quantities{{value.milli}}, value.at, value.window, now);
    readings.push_back({target.instance, std::move(reading)});
  }
  return each_or_missing(std::move(readings), !targets.empty());
}

Signal service_signal(bool exact, const std::vector<MetricValue>& values, Instant now) {
  if (values.empty()) return {Missing{MissingReason::kNoSeries, "the answer has no value of it"}};
  Quantities quantities;
  int64_t sum = 0;
  std::optional<Instant> newest;
  for (const MetricValue& value : values) {
    quantities.milli.push_back(value.milli);
    sum = saturating_add(sum, value.milli);
    if (value.at) newest = std::max(newest.value_or(*value.at), *value.at);
  }
  const std::optional<Duration>& window = values.front().window;
  if (exact) return {measured(std::move(quantities), newest, window, now)};
  return {measured(units(sum), newest, window, now)};
}

}  // namespace autoscaler
