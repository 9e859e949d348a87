#include "controller/crash_point.h"
#include "controller/lifecycle.h"
#include "controller/loop.h"
#include "controller/scale.h"

#include <algorithm>

// The first stage of a tick.
namespace autoscaler {
namespace {

const WorkloadId& whose(const BackendObservation& backend) {
  return backend.workload;
}

// The part of a list, ordered by workload, that belongs to one of them. What comes before it is let
// go of: workloads are asked for in their order.
template <typename T>
std::span<T> take_part(std::span<T>& list, const WorkloadId& workload) {
  const auto first =
      std::ranges::find_if(list, [&](const T& item) { return whose(item) >= workload; });
  const auto last =
      std::find_if(first, list.end(), [&](const T& item) { return whose(item) != workload; });
  const std::span<T> part(first, last);
  list = std::span<T>(last, list.end());
  return part;
}

// The program may be made to die where instances enter a state.
void enter_states(const SharedList<FleetInstance>& before, const SharedList<FleetInstance>& now) {
  constexpr auto kState = &FleetInstance::lifecycle;
  if (std::ranges::equal(before, now, {}, kState, kState)) return;
  for (const FleetInstance& instance : now) {
    crash_point(lifecycle_name(instance.lifecycle), "entered");
  }
}

// What could not be asked.
void note_errors(const Result<ClusterObservation>& cluster, const BalancerObservation& balancer,
                 WorkloadTick& workload) {
  const WorkloadId& name = workload.config->spec.name;
  for (const auto& [unreachable, error] : balancer.unreachable) {
    if (unreachable == name) workload.balancer_error = error;
  }
  if (!cluster) {
    workload.cluster_error = cluster.error();
    return;
  }
  for (const auto& [unreadable, error] : cluster->unreadable) {
    if (unreadable == name) workload.cluster_error = error;
  }
}

}  // namespace

void Loop::observe(TickRecord& tick) {
  Result<ClusterObservation> cluster = ports_.cluster_reader.observe(tick.now);
  const BalancerObservation balancer = ports_.balancer_reader.observe(tick.now);
  Sight left{.backends = balancer.backends};
  if (cluster) {
    left.instances = cluster->instances;
    left.scale = cluster->scales;
  }

  for (size_t i = 0; i < tick.workloads.size(); ++i) {
    WorkloadTick& workload = tick.workloads[i];
    const WorkloadId& name = workload.config->spec.name;
    FleetWorkload& fleet = passes_[i].fleet;
    note_errors(cluster, balancer, workload);
    const Sight sight{take_part(left.instances, name), take_part(left.scale, name),
                      take_part(left.backends, name)};
    const SharedList<FleetInstance> before = std::move(fleet.instances);
    fleet = observe_one(sight, i, tick.now, workload);
    if (!fleet.instances.is_same(before)) enter_states(before, fleet.instances);
  }
  inherit(tick);
}

FleetWorkload Loop::observe_one(const Sight& sight, size_t index, Instant now,
                                WorkloadTick& workload) {
  const WorkloadConfig& config = *workload.config;
  WorkloadMemory& memory = memories_[index];
  if (const KubernetesTarget* target = config.kubernetes()) {
    if (sight.scale.empty() && !workload.cluster_error) {
      workload.cluster_error = Error{Code::kNotFound, target_text(*target) + " was not seen"};
    }
    const auto scale = workload.cluster_error ? Shared<ScaleObservation>() : sight.scale.front();
    if (scale) take_scale(config.spec, *scale, stood_by_[index], now, memory);
    return join_pods(config, scale, now, seen_pods_[index], memory);
  }
  const std::vector<InstanceObservation> instances(sight.instances.begin(), sight.instances.end());
  return join(config, workload.cluster_error ? nullptr : &instances, sight.backends,
              !workload.balancer_error, now, memory);
}

}  // namespace autoscaler
