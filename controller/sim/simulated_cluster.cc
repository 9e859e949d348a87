#include "controller/sim/simulated_cluster.h"

#include <cmath>

namespace autoscaler {

Result<ClusterObservation> SimulatedCluster::observe(Instant) {
  if (outage) return *outage;
  ClusterObservation seen;
  for (const auto& [id, instance] : service_.instances) {
    InstanceObservation shown{.workload = instance.workload,
                              .instance = id,
                              .address = instance.address,
                              .started = instance.launched,
                              .running = instance.running};
    if (!instance.running) shown.exit = std::string("exit code 1");
    shown.healthy = instance.healthy;
    shown.outdated = service_.is_outdated(instance);
    seen.instances.push_back(std::move(shown));
  }
  return seen;
}

std::vector<ChangeResult> SimulatedCluster::apply(std::span<const Change> changes, Instant now) {
  std::vector<ChangeResult> results;
  for (const Change& change : changes) {
    const bool launches = std::holds_alternative<Launch>(change);
    results.push_back({change, false, outage ? outage : launches ? refusal : std::nullopt});
    if (results.back().error) continue;
    if (launches) {
      service_.launch(change_workload(change), change_instance(change), now);
    } else {
      service_.terminate(change_instance(change));
    }
  }
  return results;
}

BalancerObservation SimulatedBalancer::observe(Instant) {
  using State = BackendObservation::State;
  BalancerObservation seen;
  if (outage) {
    seen.unreachable.emplace_back(workload_, *outage);
    return seen;
  }
  for (const auto& [id, instance] : service_.instances) {
    if (!instance.registered) continue;
    const State state = instance.draining  ? State::kDraining
                        : instance.healthy ? State::kUp
                                           : State::kDown;
    seen.backends.push_back({.workload = instance.workload,
                             .instance = id,
                             .address = instance.address,
                             .state = state,
                             .in_flight = std::llround(instance.in_flight())});
  }
  return seen;
}

std::vector<ChangeResult> SimulatedBalancer::apply(std::span<const Change> changes, Instant) {
  std::vector<ChangeResult> results;
  for (const Change& change : changes) {
    results.push_back({change, false, outage});
    const auto it = service_.instances.find(change_instance(change));
    if (outage || it == service_.instances.end()) continue;
    it->second.registered = !std::holds_alternative<Detach>(change);
    it->second.draining = std::holds_alternative<Drain>(change);
  }
  return results;
}

}  // namespace autoscaler
