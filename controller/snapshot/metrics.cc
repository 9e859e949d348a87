#include "controller/snapshot/hpa_object.h"
#include "controller/snapshot/kubernetes.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace autoscaler {
namespace {

using Source = HpaMetricSpec::Source;

// What the metrics APIs assume where a sample says nothing.
constexpr Duration kDefaultWindow = std::chrono::seconds(60);

// metav1.LabelSelector; one that is absent selects all.
bool selects(const Place& selector, const std::map<std::string, std::string>& labels) {
  for (const auto& [key, value] : selector["matchLabels"].members()) {
    const auto label = labels.find(key);
    if (label == labels.end() || label->second != value.text()) return false;
  }
  for (const Place& each : selector["matchExpressions"].list()) {
    const auto key = each.require("key", "name the label").text();
    const auto operation = each.require("operator", "In, NotIn, Exists or DoesNotExist")
                               .one_of({"In", "NotIn", "Exists", "DoesNotExist"});
    if (!key || !operation) return false;
    std::set<std::string> values;
    for (const Place& value : each["values"].list()) values.insert(value.text().value_or(""));
    const auto label = labels.find(*key);
    const bool there = label != labels.end();
    const bool listed = there && values.count(label->second) > 0;
    const bool holds[] = {listed, !listed, there, !there};
    if (!holds[*operation]) return false;
  }
  return true;
}

// Later samples of one pod replace earlier ones.
std::vector<InstanceReading> in_order(std::map<std::string, Reading>&& readings) {
  std::vector<InstanceReading> ordered;
  for (auto& [pod, reading] : readings) ordered.push_back({pod, std::move(reading)});
  return ordered;
}

Signal pods_or_missing(std::map<std::string, Reading> readings, const std::string& where) {
  if (readings.empty()) return {Missing{MissingReason::kNoSeries, where + " has none of it"}};
  return {in_order(std::move(readings))};
}

ContainerUsage read_usage(const Place& containers, const std::string& resource) {
  ContainerUsage usage;
  for (const Place& each : containers.list()) {
    usage.containers.emplace_back(each["name"].text().value_or(""),
                                  each["usage"][resource].milli());
  }
  std::stable_sort(usage.containers.begin(), usage.containers.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (size_t i = 1; i < usage.containers.size(); ++i) {
    if (usage.containers[i - 1].first == usage.containers[i].first) {
      containers.fail("two containers are called \"" + usage.containers[i].first +
                      "\"; names are unique in a pod");
    }
  }
  return usage;
}

Signal read_resource(const Place& place, const std::string& resource, Instant now) {
  std::map<std::string, Reading> readings;
  for (const Place& each : place.list()) {
    const Place metadata = each.require("metadata", "name the pod: {\"name\": \"p0\"}");
    const auto pod = metadata.require("name", "name the pod").text();
    if (!pod) continue;
    readings[*pod] = Measured{read_usage(each["containers"], resource),
                              each["timestamp"].instant().value_or(now),
                              each["window"].duration().value_or(kDefaultWindow)};
  }
  return pods_or_missing(std::move(readings), place.path());
}

Duration read_window(const Place& seconds) {
  const auto window = seconds.integer(0, int64_t{86400} * 365);
  return window ? Duration{std::chrono::seconds(*window)} : kDefaultWindow;
}

// A MetricValue: its name, and the selector with which it was asked for if it says so.
bool is_metric(const Place& value, const Place& metric) {
  const Place identifier = value.require("metric", "say which metric it is: {\"name\": \"qps\"}");
  if (!identifier.object() || identifier["name"].text() != metric["name"].text()) return false;
  const Place selector = identifier["selector"];
  return !selector.given() ||
         (metric["selector"].given() && selector.json() == metric["selector"].json());
}

Measured read_metric_value(const Place& value, Instant now) {
  const auto milli = value.require("value", "a quantity such as \"20\"").milli();
  return {Quantities{{milli.value_or(0)}}, value["timestamp"].instant().value_or(now),
          read_window(value["windowSeconds"])};
}

Signal read_custom_pods(const Place& place, const Place& metric, Instant now) {
  std::map<std::string, Reading> readings;
  for (const Place& each : place.list()) {
    const Place object = each.require("describedObject", "say whose value it is");
    if (!is_metric(each, metric) || object["kind"].text() != "Pod") continue;
    const auto pod = object.require("name", "name the pod").text();
    if (pod) readings[*pod] = read_metric_value(each, now);
  }
  return pods_or_missing(std::move(readings), place.path());
}

Signal read_custom_object(const Place& place, const Place& source, Instant now) {
  const Place wanted = source["describedObject"];
  std::optional<Measured> found;
  for (const Place& each : place.list()) {
    const Place object = each.require("describedObject", "say whose value it is");
    const bool same = is_metric(each, source["metric"]) &&
                      object["kind"].text() == wanted["kind"].text() &&
                      object["name"].text() == wanted["name"].text();
    if (!same) continue;
    if (found) each.fail("is a second value of the same object; give one");
    found = read_metric_value(each, now);
  }
  if (!found) return {Missing{MissingReason::kNoSeries, place.path() + " has none of it"}};
  return {*found};
}

Signal read_external(const Place& place, const Place& metric, Instant now) {
  Quantities quantities;
  std::optional<Instant> newest;
  for (const Place& each : place.list()) {
    const auto name = each.require("metricName", "say which metric it is").text();
    if (name != metric["name"].text()) continue;
    std::map<std::string, std::string> labels;
    for (const auto& [key, value] : each["metricLabels"].members()) {
      labels[key] = value.text().value_or("");
    }
    // Values without labels were selected by whoever asked for them.
    if (each["metricLabels"].given() && !selects(metric["selector"], labels)) continue;
    quantities.milli.push_back(
        each.require("value", "a quantity such as \"20\"").milli().value_or(0));
    const Instant at = each["timestamp"].instant().value_or(now);
    newest = std::max(newest.value_or(at), at);
  }
  if (!newest) return {Missing{MissingReason::kNoSeries, place.path() + " has none of it"}};
  return {Measured{std::move(quantities), *newest, kDefaultWindow}};
}

}  // namespace

Signals read_metrics(const Place& place, const Place& hpa, const WorkloadSpec& spec, Instant now) {
  place.only({"podMetrics", "custom", "external"});
  Signals signals;
  for (size_t i = 0; i < spec.policies.size(); ++i) {
    const auto& metric = std::get<HpaMetricSpec>(spec.policies[i].rule);
    const Place object = hpa_metric(hpa, i);
    switch (metric.source) {
      case Source::kResource:
      case Source::kContainerResource:
        signals.push_back(read_resource(place["podMetrics"], metric.resource, now));
        break;
      case Source::kPods:
        signals.push_back(read_custom_pods(place["custom"], object["pods"]["metric"], now));
        break;
      case Source::kObject:
        signals.push_back(read_custom_object(place["custom"], object["object"], now));
        break;
      case Source::kExternal:
        signals.push_back(read_external(place["external"], object["external"]["metric"], now));
        break;
    }
  }
  return signals;
}

}  // namespace autoscaler
