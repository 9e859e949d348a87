#include "controller/pods.h"

#include "controller/lifecycle.h"

#include <algorithm>
#include <map>

namespace autoscaler {
namespace {

// A Ready condition that changed so soon after the start is the first one that the kubelet wrote:
// the pod has never been ready.
constexpr Duration kFirstCondition = std::chrono::seconds(10);

Lifecycle lifecycle_of(const WorkloadConfig& config, const PodFacts& pod, Instant now) {
  if (pod.deleting) return Lifecycle::kTerminating;
  if (pod.phase == PodFacts::Phase::kFailed) return Lifecycle::kFailed;
  if (pod.phase == PodFacts::Phase::kSucceeded) return Lifecycle::kGone;
  const bool is_ready = pod.phase != PodFacts::Phase::kPending && pod.ready.value_or(false);
  if (!is_ready) return Lifecycle::kLaunching;
  const bool is_warm = !pod.ready_changed || now - *pod.ready_changed >= config.spec.warmup;
  return is_warm ? Lifecycle::kInService : Lifecycle::kWarming;
}

bool is_ready(Lifecycle lifecycle) {
  return lifecycle == Lifecycle::kWarming || lifecycle == Lifecycle::kInService;
}

bool was_never_ready(const PodFacts& pod) {
  return !pod.started || !pod.ready_changed || *pod.ready_changed - *pod.started < kFirstCondition;
}

// The template of the newest pod is the one that is rolled out.
std::string newest_revision(std::span<const InstanceObservation> pods) {
  const InstanceObservation* newest = nullptr;
  for (const InstanceObservation& pod : pods) {
    if (pod.revision.empty() || pod.pod->deleting) continue;
    if (newest == nullptr || pod.started > newest->started) newest = &pod;
  }
  return newest == nullptr ? "" : newest->revision;
}

std::string most_common_revision(std::span<const InstanceObservation> pods) {
  // Nearly always they all have the same.
  const bool is_one = std::all_of(pods.begin(), pods.end(), [&](const InstanceObservation& pod) {
    return !pod.pod->deleting && pod.revision == pods.front().revision;
  });
  if (is_one) return pods.empty() ? "" : pods.front().revision;
  std::map<std::string, int> counts;
  for (const InstanceObservation& pod : pods) {
    if (!pod.revision.empty() && !pod.pod->deleting) ++counts[pod.revision];
  }
  const auto most =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == counts.end() ? "" : most->first;
}

FleetInstance as_instance(const WorkloadConfig& config, const InstanceObservation& seen,
                          const std::string& newest, Instant now) {
  FleetInstance pod{.instance = seen.instance};
  pod.lifecycle = lifecycle_of(config, *seen.pod, now);
  pod.address = seen.address;
  pod.page = seen.page;
  pod.exists = true;
  pod.outdated = !seen.revision.empty() && seen.revision != newest;
  pod.serving = is_ready(pod.lifecycle);
  pod.answers = pod.serving;
  pod.is_stable =
      pod.serving && (!seen.pod->ready_changed || now - *seen.pod->ready_changed >= kStable);
  pod.created = seen.started;
  pod.goes_first = seen.goes_first;
  pod.pod = seen.pod;
  return pod;
}

Instance as_input(const WorkloadConfig& config, const FleetInstance& pod) {
  Instance instance{pod.instance, pod.lifecycle, std::nullopt, std::nullopt};
  if (is_warming_up(pod.lifecycle)) instance.ordered = pod.created;
  if (config.spec.hpa) instance.pod = pod.pod;
  return instance;
}

// When time alone makes of a pod what it is not yet.
Instant next_turn(const WorkloadConfig& config, const FleetInstance& pod, Instant now) {
  Instant next = Instant::max();
  if (!pod.serving || !pod.pod->ready_changed) return next;
  for (const Duration after : {config.spec.warmup, kStable}) {
    const Instant turn = *pod.pod->ready_changed + after;
    if (turn > now) next = std::min(next, turn);
  }
  return next;
}

void look_at(const SharedList<InstanceObservation>& pods, const WorkloadConfig& config, Instant now,
             SeenPods& seen) {
  const std::string newest = newest_revision(pods);
  std::vector<FleetInstance> instances;
  std::vector<Instance> as_inputs;
  instances.reserve(pods.size());
  as_inputs.reserve(pods.size());
  seen.until = Instant::max();
  for (const InstanceObservation& each : pods) {
    FleetInstance pod = as_instance(config, each, newest, now);
    const bool over = pod.lifecycle == Lifecycle::kFailed || pod.lifecycle == Lifecycle::kGone;
    if (over && !config.spec.hpa) continue;
    seen.until = std::min(seen.until, next_turn(config, pod, now));
    as_inputs.push_back(as_input(config, pod));
    instances.push_back(std::move(pod));
  }
  seen.of = pods;
  seen.instances = std::move(instances);
  seen.as_inputs = std::move(as_inputs);
  seen.revision = most_common_revision(pods);
  seen.made = now;
}

// From the creation of a pod to the first time that it was ready, for those that this process has
// seen before they were.
std::vector<Duration> measure_starts(Instant now, SeenPods& seen) {
  std::vector<Duration> became_ready;
  std::vector<InstanceId> still;
  for (const FleetInstance& pod : seen.instances) {
    const bool waited =
        std::binary_search(seen.starting.begin(), seen.starting.end(), pod.instance);
    if (pod.lifecycle == Lifecycle::kLaunching) {
      if (waited || was_never_ready(*pod.pod)) still.push_back(pod.instance);
    } else if (waited && is_ready(pod.lifecycle)) {
      const Instant at = pod.pod->ready_changed.value_or(now);
      became_ready.push_back(std::max(Duration{0}, at - *pod.created));
    }
  }
  seen.starting = std::move(still);
  return became_ready;
}

}  // namespace

FleetWorkload join_pods(const WorkloadConfig& config, const Shared<ScaleObservation>& scale,
                        Instant now, SeenPods& seen, WorkloadMemory& memory) {
  FleetWorkload fleet{.config = &config, .cluster_known = scale.has_value()};
  memory.instances.clear();  // of another kind of target, before the config changed
  if (!scale) return fleet;
  const bool stands = scale->pods.is_same(seen.of) && now >= seen.made && now < seen.until;
  if (!stands) look_at(scale->pods, config, now, seen);
  fleet.scale = scale;
  fleet.instances = seen.instances;
  fleet.as_inputs = seen.as_inputs;
  fleet.revision = seen.revision;
  if (stands) return fleet;
  fleet.became_ready = measure_starts(now, seen);
  note_deploy(fleet, now, memory);
  return fleet;
}

Workload workload_of_pods(const FleetWorkload& fleet, const WorkloadMemory& memory,
                          bool journal_writable) {
  Workload workload;
  workload.size = memory.desired;
  workload.status_size = fleet.scale ? fleet.scale->status_replicas : 0;
  workload.journal_writable = journal_writable;
  workload.orders = memory.orders;
  workload.time_to_ready = nine_in_ten(memory.ready_times);
  workload.deployed = memory.deployed;
  workload.instances = fleet.as_inputs;
  return workload;
}

}  // namespace autoscaler
