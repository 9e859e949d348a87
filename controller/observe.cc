#include "controller/crash_point.h"
#include "controller/lifecycle.h"
#include "controller/loop.h"
#include "controller/scale.h"

#include <algorithm>

// The first stage of a tick.
namespace autoscaler {
namespace {

// The part of a list, ordered by workload, that belongs to one of them.
template <typename T>
std::span<const T> part_of(const std::vector<T>& list, const WorkloadId& workload) {
  const auto first =
      std::lower_bound(list.begin(), list.end(), workload,
                       [](const T& item, const WorkloadId& name) { return item.workload < name; });
  auto last = first;
  while (last != list.end() && last->workload == workload) ++last;
  return {first, last};
}

}  // namespace

void Loop::observe(TickRecord& tick) {
  const Result<ClusterObservation> cluster = ports_.cluster_reader.observe(tick.now);
  const BalancerObservation balancer = ports_.balancer_reader.observe(tick.now);

  for (size_t i = 0; i < tick.workloads.size(); ++i) {
    WorkloadTick& workload = tick.workloads[i];
    FleetWorkload& fleet = passes_[i].fleet;
    fleet = observe_one(cluster, balancer, i, tick.now, workload);
    workload.instances = fleet.instances;

    std::vector<Lifecycle> lifecycles;
    for (const FleetInstance& instance : fleet.instances) lifecycles.push_back(instance.lifecycle);
    if (lifecycles != lifecycles_[i]) {
      for (const Lifecycle lifecycle : lifecycles)
        crash_point(lifecycle_name(lifecycle), "entered");
    }
    lifecycles_[i] = std::move(lifecycles);
  }
  inherit(tick);
}

FleetWorkload Loop::observe_one(const Result<ClusterObservation>& cluster,
                                const BalancerObservation& balancer, size_t index, Instant now,
                                WorkloadTick& workload) {
  const WorkloadConfig& config = *workload.config;
  const WorkloadId& name = config.spec.name;
  WorkloadMemory& memory = memories_[index];
  for (const auto& [unreachable, error] : balancer.unreachable) {
    if (unreachable == name) workload.balancer_error = error;
  }
  if (!cluster) workload.cluster_error = cluster.error();
  std::span<const InstanceObservation> seen;
  std::span<const ScaleObservation> scale;
  if (cluster) {
    for (const auto& [unreadable, error] : cluster->unreadable) {
      if (unreadable == name) workload.cluster_error = error;
    }
    seen = part_of(cluster->instances, name);
    scale = part_of(cluster->scales, name);
  }
  if (const KubernetesTarget* target = config.kubernetes()) {
    if (scale.empty() && !workload.cluster_error) {
      workload.cluster_error = Error{Code::kNotFound, target_text(*target) + " was not seen"};
    }
    const bool known = !workload.cluster_error;
    if (known) take_scale(config.spec, scale.front(), stood_by_[index], now, memory);
    return join_pods(config, known ? &scale.front() : nullptr, seen, now, starting_pods_[index],
                     memory);
  }
  const std::vector<InstanceObservation> instances(seen.begin(), seen.end());
  return join(config, workload.cluster_error ? nullptr : &instances,
              part_of(balancer.backends, name), !workload.balancer_error, now, memory);
}

}  // namespace autoscaler
