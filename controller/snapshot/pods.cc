#include "controller/snapshot/kubernetes.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace autoscaler {
namespace {

std::vector<std::pair<std::string, int64_t>> read_requests(const Place& resources) {
  std::vector<std::pair<std::string, int64_t>> requests;
  for (const auto& [resource, quantity] : resources["requests"].members()) {
    if (const auto milli = quantity.milli()) requests.emplace_back(resource, *milli);
  }
  return requests;
}

PodFacts::Container read_container(const Place& place, bool counts_for_requests) {
  place.object();
  return {place["name"].text().value_or(""), read_requests(place["resources"]),
          counts_for_requests};
}

PodFacts::Phase read_phase(const Place& place) {
  const auto phase = place.one_of(kPodPhases);
  return phase ? static_cast<PodFacts::Phase>(*phase) : PodFacts::Phase::kUnknown;
}

void read_ready_condition(const Place& conditions, PodFacts& pod) {
  for (const Place& condition : conditions.list()) {
    if (!condition.object() || condition["type"].text() != "Ready") continue;
    const auto status =
        condition.require("status", "True, False or Unknown").one_of({"True", "False", "Unknown"});
    pod.ready = status == size_t{0};
    pod.ready_unknown = status == size_t{2};
    pod.ready_changed = condition["lastTransitionTime"].instant();
    return;  // the HPA takes the first
  }
}

Lifecycle lifecycle_of(const PodFacts& pod) {
  if (pod.deleting) return Lifecycle::kTerminating;
  switch (pod.phase) {
    case PodFacts::Phase::kFailed: return Lifecycle::kFailed;
    case PodFacts::Phase::kSucceeded: return Lifecycle::kGone;
    case PodFacts::Phase::kPending: return Lifecycle::kLaunching;
    default: break;
  }
  return pod.ready.value_or(false) ? Lifecycle::kInService : Lifecycle::kLaunching;
}

}  // namespace

PodFacts read_pod_facts(const Place& place) {
  PodFacts pod;
  const Place spec = place["spec"];
  const Place status = place["status"];
  spec.object();
  status.object();
  pod.phase = read_phase(status["phase"]);
  pod.deleting = place["metadata"]["deletionTimestamp"].given();
  pod.started = status["startTime"].instant();
  read_ready_condition(status["conditions"], pod);
  for (const Place& each : spec["containers"].list()) {
    pod.containers.push_back(read_container(each, true));
  }
  // A sidecar is an init container that is restarted for as long as the pod lives.
  for (const Place& each : spec["initContainers"].list()) {
    pod.containers.push_back(read_container(each, each["restartPolicy"].text() == "Always"));
  }
  pod.pod_requests_milli = read_requests(spec["resources"]);
  return pod;
}

std::vector<Instance> read_pods(const Place& place) {
  std::vector<Instance> pods;
  for (const Place& each : place.list()) {
    if (!each.object()) {
      each.fail("a pod is an object");
      continue;
    }
    const Place metadata = each.require("metadata", "give the pod's name: {\"name\": \"p0\"}");
    Instance instance;
    if (metadata.object()) {
      instance.id = metadata.require("name", "pods are told apart by it").text().value_or("");
    }
    instance.pod = read_pod_facts(each);
    instance.lifecycle = lifecycle_of(*instance.pod);
    pods.push_back(std::move(instance));
  }
  std::stable_sort(pods.begin(), pods.end(),
                   [](const Instance& a, const Instance& b) { return a.id < b.id; });
  for (size_t i = 1; i < pods.size(); ++i) {
    if (pods[i - 1].id != pods[i].id) continue;
    place.fail("two pods are called \"" + pods[i].id + "\"; names are unique in a namespace");
  }
  return pods;
}

}  // namespace autoscaler
