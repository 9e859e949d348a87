#include "controller/snapshot/kubernetes.h"
#include "controller/snapshot/nouns.h"
#include "controller/snapshot/snapshot.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

namespace autoscaler {
namespace {

using nlohmann::json;
using Requests = std::vector<std::pair<std::string, int64_t>>;

json requests_json(const Requests& requests) {
  json object = json::object();
  for (const auto& [resource, milli] : requests) object[resource] = milli;
  return object;
}

Requests read_requests(const Place& place) {
  Requests requests;
  for (const auto& [resource, milli] : place.members()) {
    const auto value =
        milli.integer(std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max());
    if (value) requests.emplace_back(resource, *value);
  }
  return requests;
}

json pod_json(const PodFacts& pod) {
  json object;
  object["phase"] = std::string(kPodPhases[static_cast<size_t>(pod.phase)]);
  object["deleting"] = pod.deleting;
  put_instant(object, "started", pod.started);
  if (pod.ready) object["ready"] = *pod.ready;
  object["readyUnknown"] = pod.ready_unknown;
  put_instant(object, "readyChanged", pod.ready_changed);
  object["containers"] = json::array();
  for (const PodFacts::Container& container : pod.containers) {
    object["containers"].push_back({{"name", container.name},
                                    {"requestsMilli", requests_json(container.requests_milli)},
                                    {"countsForRequests", container.counts_for_requests}});
  }
  object["podRequestsMilli"] = requests_json(pod.pod_requests_milli);
  return object;
}

PodFacts read_pod(const Place& place) {
  PodFacts pod;
  place.only({"phase", "deleting", "started", "ready", "readyUnknown", "readyChanged", "containers",
              "podRequestsMilli"});
  if (const auto phase = place["phase"].one_of(kPodPhases)) {
    pod.phase = static_cast<PodFacts::Phase>(*phase);
  }
  pod.deleting = place["deleting"].flag().value_or(false);
  pod.started = place["started"].instant();
  pod.ready = place["ready"].flag();
  pod.ready_unknown = place["readyUnknown"].flag().value_or(false);
  pod.ready_changed = place["readyChanged"].instant();
  for (const Place& each : place["containers"].list()) {
    each.only({"name", "requestsMilli", "countsForRequests"});
    pod.containers.push_back({each.require("name", "give the container's name").text().value_or(""),
                              read_requests(each["requestsMilli"]),
                              each["countsForRequests"].flag().value_or(true)});
  }
  pod.pod_requests_milli = read_requests(place["podRequestsMilli"]);
  return pod;
}

Lifecycle read_lifecycle(const Place& place) {
  const auto name = place.text();
  if (!name) return Lifecycle::kInService;
  std::string allowed;
  for (int i = 0; i < kLifecycleCount; ++i) {
    const auto lifecycle = static_cast<Lifecycle>(i);
    if (*name == lifecycle_name(lifecycle)) return lifecycle;
    allowed += std::string(i == 0 ? "" : ", ") + lifecycle_name(lifecycle);
  }
  place.fail("\"" + *name + "\" is no state of an instance; allowed are " + allowed);
  return Lifecycle::kInService;
}

}  // namespace

void put_instant(json& object, const char* key, const std::optional<Instant>& at) {
  if (at) object[key] = format_instant(*at);
}

json instances_json(std::span<const Instance> instances) {
  json array = json::array();
  for (const Instance& instance : instances) {
    json object{{"id", text_json(instance.id)}, {"lifecycle", lifecycle_name(instance.lifecycle)}};
    put_instant(object, "ordered", instance.ordered);
    if (instance.pod) object["pod"] = pod_json(*instance.pod);
    array.push_back(std::move(object));
  }
  return array;
}

std::vector<Instance> read_instances(const Place& place) {
  std::vector<Instance> instances;
  for (const Place& each : place.list()) {
    each.only({"id", "lifecycle", "ordered", "pod"});
    Instance instance;
    instance.id = each.require("id", "give each instance a name of its own").text().value_or("");
    instance.lifecycle = read_lifecycle(each["lifecycle"]);
    instance.ordered = each["ordered"].instant();
    if (each["pod"].given()) instance.pod = read_pod(each["pod"]);
    instances.push_back(std::move(instance));
  }
  const auto by_id = [](const Instance& a, const Instance& b) { return a.id < b.id; };
  std::stable_sort(instances.begin(), instances.end(), by_id);
  for (size_t i = 1; i < instances.size(); ++i) {
    if (instances[i - 1].id != instances[i].id) continue;
    place.fail("two instances are called \"" + instances[i].id + "\"; ids are unique");
  }
  return instances;
}

}  // namespace autoscaler
