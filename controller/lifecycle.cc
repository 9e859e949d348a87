#include "controller/lifecycle.h"

#include "controller/pods.h"

#include <algorithm>
#include <charconv>

namespace autoscaler {
namespace {

// Beyond it there is no next one: an id that somebody else wrote.
constexpr int64_t kHighestNumber = int64_t{1} << 53;

// An instance never got ready, or died young. The next launch waits, twice as long each time:
// 1 s, 2 s, 4 s ... 5 minutes; docs/architecture.md, "Replacing instances".
void start_backoff(LaunchBackoff& backoff, Instant now) {
  constexpr Duration kFirst = std::chrono::seconds(1);
  const int doublings = std::min(backoff.failures, 16);
  backoff.until = now + std::min(kLongestLaunchBackoff, kFirst * (1 << doublings));
  ++backoff.failures;
}

// Failures that speak against the next launch. However many there are in a tick, they are one: a
// host that was down for a moment must not keep a service of ten at zero for minutes.
struct LaunchVerdict {
  bool failed = false;
  bool stable = false;  // one launched since the last failure has been ready for kStable
};

void fail(InstanceMemory& instance, std::string why, Instant now, LaunchVerdict& verdict) {
  instance.failed = true;
  instance.failure = std::move(why);
  verdict.failed |= !instance.ready || now - *instance.ready < kStable;
}

void judge_launches(const LaunchVerdict& verdict, Instant now, LaunchBackoff& backoff) {
  if (verdict.failed) return start_backoff(backoff, now);
  if (verdict.stable) backoff = {};
}

std::string seconds(Duration d) {
  return std::to_string(d.count() / 1000) + " s";
}

// Unhealthy for long enough to be replaced.
bool is_past_saving(const WorkloadConfig& config, const InstanceMemory& instance, Instant now) {
  return instance.unhealthy && now - *instance.unhealthy >= config.unhealthy_after;
}

void advance_health(const WorkloadConfig& config, const InstanceObservation& seen, Instant now,
                    const LaunchBackoff& backoff, InstanceMemory& instance,
                    LaunchVerdict& verdict) {
  if (!instance.launched) instance.launched = now;
  if (instance.failed || instance.terminating) return;
  if (!seen.running) {
    fail(instance, "exited: " + (seen.exit ? *seen.exit : "exit status unknown"), now, verdict);
    return;
  }
  if (seen.healthy.value_or(false)) {
    if (!instance.ready) instance.ready = now;
    const bool launched_since = backoff.until && instance.requested >= *backoff.until;
    verdict.stable |= launched_since && now - *instance.ready >= kStable;
    instance.unhealthy.reset();
    return;
  }
  if (!instance.ready) {
    if (now - instance.requested > config.spec.startup_deadline) {
      fail(instance,
           "not healthy within " + seconds(config.spec.startup_deadline) + " (startupDeadline)",
           now, verdict);
    }
    return;
  }
  if (!instance.unhealthy) instance.unhealthy = now;
}

// Those that were ready and have long been unhealthy are replaced: all of them while another one is
// healthy. Where none is, the fault is more likely what they all depend on than each of them, and
// stopping them at once would turn a bad hour into an outage: they are replaced one at a time, the
// next one only when as many as wanted are there and past their start.
void replace_unhealthy(const WorkloadConfig& config, Instant now, WorkloadMemory& memory,
                       LaunchVerdict& verdict) {
  int32_t live = 0;
  bool is_any_healthy = false;
  bool is_any_starting = false;
  for (const InstanceMemory& instance : memory.instances) {
    if (instance.failed || instance.terminating || instance.draining) continue;
    ++live;
    is_any_starting |= !instance.ready;
    is_any_healthy |= instance.ready && !instance.unhealthy;
  }
  if (!is_any_healthy && (is_any_starting || live < memory.desired)) return;
  for (InstanceMemory& instance : memory.instances) {
    if (instance.failed || instance.terminating) continue;
    if (!is_past_saving(config, instance, now)) continue;
    fail(instance, "unhealthy for " + seconds(config.unhealthy_after) + " (unhealthyAfter)", now,
         verdict);
    if (!is_any_healthy) return;
  }
}

Lifecycle lifecycle_of(const WorkloadConfig& config, const InstanceMemory& instance, Instant now) {
  if (instance.terminating) return Lifecycle::kTerminating;
  if (instance.failed) return Lifecycle::kFailed;
  if (instance.draining) return Lifecycle::kDraining;
  if (instance.attached) {
    return now - *instance.attached < config.spec.warmup ? Lifecycle::kWarming
                                                         : Lifecycle::kInService;
  }
  if (instance.ready) return Lifecycle::kReady;
  return instance.launched ? Lifecycle::kLaunching : Lifecycle::kRequested;
}

template <typename T>
const T* find_instance(std::span<const T> list, const InstanceId& id) {
  const auto it =
      std::find_if(list.begin(), list.end(), [&](const T& item) { return item.instance == id; });
  return it == list.end() ? nullptr : &*it;
}

// Instances that exist, or stand in the balancer, and that the memory does not know: found again
// after a lost journal, or left by an earlier life of this workload. They are ours (the adapters
// list nothing else); whoever is registered and running is taken as already warm. They count into
// the wanted size, and one window is seen before any of them may leave: a journal that was lost or
// is old must not make a surplus of what serves.
void adopt(std::span<const InstanceObservation> cluster,
           std::span<const BackendObservation> backends, Instant now, WorkloadMemory& memory) {
  auto unknown = [&](const InstanceId& id) {
    return find_instance<InstanceMemory>(memory.instances, id) == nullptr;
  };
  for (const InstanceObservation& seen : cluster) {
    if (!unknown(seen.instance)) continue;
    InstanceMemory found{.instance = seen.instance, .requested = std::min(seen.started, now)};
    found.launched = found.requested;
    if (seen.terminating) found.terminating = now;
    if (find_instance(backends, seen.instance) != nullptr) {
      found.ready = found.requested;
      found.attached = found.requested;
    }
    if (memory.recent->first_seen && seen.running && !seen.terminating) {
      ++memory.desired;
      memory.recent.edit().first_seen = now;
    }
    memory.instances.push_back(std::move(found));
  }
  for (const BackendObservation& entry : backends) {
    if (!unknown(entry.instance)) continue;
    InstanceMemory orphan{.instance = entry.instance, .requested = now};
    orphan.launched = now;
    orphan.failed = true;
    orphan.failure =
        "in the balancer and in no file of ours: another controller's, or its state is lost; "
        "it serves on, end it by hand";
    memory.instances.push_back(std::move(orphan));
  }
}

// What is in no place any more is forgotten; what was there and vanished has failed.
// Returns false when the instance is to be forgotten.
bool settle_absent(bool registered, bool balancer_known, Instant now, InstanceMemory& instance,
                   LaunchVerdict& verdict) {
  if (!instance.launched) return !instance.terminating;  // wanted, not there yet: asked for again
  if (!registered && balancer_known) {
    if (!instance.failed && !instance.terminating) fail(instance, "vanished", now, verdict);
    return false;
  }
  if (!instance.failed && !instance.terminating) fail(instance, "vanished", now, verdict);
  return true;
}

// What the HPA would see of an instance if it were a pod: Ready by its health check.
PodFacts as_pod(const InstanceMemory& instance, Lifecycle life) {
  PodFacts pod;
  if (life == Lifecycle::kRequested) pod.phase = PodFacts::Phase::kPending;
  if (life == Lifecycle::kFailed) pod.phase = PodFacts::Phase::kFailed;
  pod.deleting = life == Lifecycle::kDraining || life == Lifecycle::kTerminating;
  pod.started = instance.launched;
  pod.ready = instance.ready && !instance.unhealthy;
  pod.ready_changed = instance.unhealthy ? instance.unhealthy
                      : instance.ready   ? instance.ready
                                         : instance.launched;
  return pod;
}

// An instance that the balancer finds bad, or that fails its health check where there is none, is
// idle for a reason that is no lack of load. To the policies it is one that still starts: left out
// of averages, and nothing is taken away while it is in that state.
Lifecycle as_policies_see(const FleetWorkload& fleet, const FleetInstance& instance,
                          const InstanceMemory* memory) {
  const bool should_carry =
      instance.lifecycle == Lifecycle::kWarming || instance.lifecycle == Lifecycle::kInService;
  if (!should_carry) return instance.lifecycle;
  const bool balancer_says = fleet.config->balancer && fleet.balancer_known;
  const bool is_unhealthy = memory != nullptr && memory->unhealthy.has_value();
  const bool carries = balancer_says ? instance.answers : !is_unhealthy;
  return carries ? instance.lifecycle : Lifecycle::kLaunching;
}

}  // namespace

void note_deploy(const FleetWorkload& fleet, Instant now, WorkloadMemory& memory) {
  const bool rolling = std::any_of(
      fleet.instances.begin(), fleet.instances.end(), [](const FleetInstance& instance) {
        return instance.outdated && counts_as_capacity(instance.lifecycle);
      });
  if (rolling && !memory.rolling) memory.deployed = now;
  memory.rolling = rolling;
}

std::optional<Duration> nine_in_ten(std::vector<Duration> times) {
  if (times.empty()) return std::nullopt;
  const size_t rank = (times.size() * 9 + 9) / 10 - 1;  // the nearest: of 20 the 18th
  const auto at = times.begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(times.begin(), at, times.end());
  return *at;
}

void forget_refused_launches(std::span<const InstanceId> instances, Instant now,
                             WorkloadMemory& memory) {
  if (instances.empty()) return;
  std::erase_if(memory.instances, [&](const InstanceMemory& m) {
    return std::find(instances.begin(), instances.end(), m.instance) != instances.end();
  });
  start_backoff(memory.backoff, now);
}

int64_t instance_number(const InstanceId& instance) {
  const std::string_view id = instance;
  const size_t dash = id.rfind('-');
  int64_t number = 0;
  if (dash != std::string_view::npos) {
    std::from_chars(id.data() + dash + 1, id.data() + id.size(), number);
  }
  return std::clamp(number, int64_t{0}, kHighestNumber);
}

InstanceId instance_id(const WorkloadId& workload, int64_t number) {
  return workload + "-" + std::to_string(number);
}

FleetWorkload join(const WorkloadConfig& config, const std::vector<InstanceObservation>* cluster,
                   std::span<const BackendObservation> backends, bool balancer_known, Instant now,
                   WorkloadMemory& memory) {
  FleetWorkload fleet{.config = &config,
                      .instances = {},
                      .cluster_known = cluster != nullptr,
                      .balancer_known = balancer_known};
  std::vector<FleetInstance>& instances = fleet.instances.edit();
  const std::span<const InstanceObservation> existing =
      cluster != nullptr ? std::span<const InstanceObservation>(*cluster)
                         : std::span<const InstanceObservation>();
  const std::vector<InstanceMemory> remembered = memory.instances;
  if (fleet.cluster_known) adopt(existing, backends, now, memory);

  LaunchVerdict verdict;
  LaunchVerdict of_adopted;  // not launched in this life: says nothing of launches
  std::erase_if(memory.instances, [&](InstanceMemory& instance) {
    const InstanceObservation* seen = find_instance(existing, instance.instance);
    LaunchVerdict& judged =
        find_instance<InstanceMemory>(remembered, instance.instance) ? verdict : of_adopted;
    if (seen != nullptr) {
      advance_health(config, *seen, now, memory.backoff, instance, judged);
      return false;
    }
    const bool registered = find_instance(backends, instance.instance) != nullptr;
    return fleet.cluster_known && !settle_absent(registered, balancer_known, now, instance, judged);
  });
  if (fleet.cluster_known) replace_unhealthy(config, now, memory, verdict);

  for (InstanceMemory& instance : memory.instances) {
    const InstanceObservation* seen = find_instance(existing, instance.instance);
    const BackendObservation* backend = find_instance(backends, instance.instance);
    const bool registered = backend != nullptr;
    const bool serving = registered && (backend->state == BackendObservation::State::kUp ||
                                        backend->state == BackendObservation::State::kDown);
    const bool in_balancer = config.balancer ? serving : true;
    if (!instance.attached && instance.ready && in_balancer) instance.attached = now;
    memory.next_instance = std::max(memory.next_instance, instance_number(instance.instance) + 1);

    FleetInstance joined{.instance = instance.instance};
    joined.lifecycle = lifecycle_of(config, instance, now);
    joined.registered = registered;
    joined.serving = serving;
    joined.answers = registered && backend->state == BackendObservation::State::kUp;
    joined.exists = seen != nullptr;
    joined.outdated = seen != nullptr && seen->outdated;
    joined.is_stable = instance.ready && !instance.failed && now - *instance.ready >= kStable;
    joined.in_flight = registered ? backend->in_flight : 0;
    joined.failure = instance.failure;
    if (seen != nullptr) joined.address = seen->address;
    if (seen == nullptr && registered) joined.address = backend->address;
    instances.push_back(std::move(joined));
  }
  judge_launches(verdict, now, memory.backoff);
  if (fleet.cluster_known) note_deploy(fleet, now, memory);
  auto by_id = [](const auto& a, const auto& b) { return a.instance < b.instance; };
  std::sort(memory.instances.begin(), memory.instances.end(), by_id);
  std::sort(instances.begin(), instances.end(), by_id);
  return fleet;
}

Workload workload_of(const FleetWorkload& fleet, const WorkloadMemory& memory,
                     bool journal_writable) {
  if (fleet.config->kubernetes() != nullptr) {
    return workload_of_pods(fleet, memory, journal_writable);
  }
  Workload workload;
  workload.size = memory.desired;
  workload.journal_writable = journal_writable;
  workload.orders = memory.orders;
  workload.launch_failures = memory.backoff.failures;
  workload.time_to_ready = nine_in_ten(memory.ready_times);
  workload.deployed = memory.deployed;
  for (const FleetInstance& instance : fleet.instances) {
    const auto* known = find_instance<InstanceMemory>(memory.instances, instance.instance);
    std::optional<Instant> ordered;
    if (known && is_warming_up(instance.lifecycle)) ordered = known->requested;
    Instance counted{instance.instance, as_policies_see(fleet, instance, known), std::nullopt,
                     ordered};
    if (fleet.config->spec.hpa && known) counted.pod = as_pod(*known, instance.lifecycle);
    workload.instances.push_back(std::move(counted));
    if (counts_as_capacity(instance.lifecycle)) ++workload.status_size;
  }
  return workload;
}

void remember_ready(Duration took, WorkloadMemory& memory) {
  // Weight of the newest time in the moving average: the last three carry two thirds.
  constexpr double kNewest = 0.3;
  const Duration before = memory.time_to_ready.value_or(took);
  memory.time_to_ready = before + std::chrono::duration_cast<Duration>(kNewest * (took - before));
  if (memory.ready_times.size() == WorkloadMemory::kReadyTimes) {
    memory.ready_times.erase(memory.ready_times.begin());
  }
  memory.ready_times.push_back(took);
}

}  // namespace autoscaler
