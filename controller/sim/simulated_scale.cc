#include "controller/sim/simulated_scale.h"

#include <algorithm>

namespace autoscaler {

Result<ClusterObservation> SimulatedScale::observe(Instant now) {
  roll(now);
  ScaleObservation scale;
  for (auto& [id, instance] : service_.instances) {
    instance.registered = instance.running && instance.healthy;
    scale.pods.push_back(pod_of(id, instance));
  }
  scale.workload = workload_;
  scale.spec_replicas = spec_replicas_;
  scale.status_replicas = static_cast<int32_t>(service_.instances.size());
  scale.resource_version = std::to_string(version_);
  scale.selector = "app=" + workload_;
  ClusterObservation seen;
  seen.scales.push_back(std::move(scale));
  return seen;
}

std::vector<ChangeResult> SimulatedScale::apply(std::span<const Change> changes, Instant) {
  std::vector<ChangeResult> results;
  for (const Change& change : changes) {
    results.push_back({change, false, std::nullopt});
    const auto& resize = std::get<Resize>(change);
    if (before_write) before_write();
    if (resize.resource_version != std::to_string(version_)) {
      results.back().error = Error{Code::kConflict, "the object has been modified"};
      continue;
    }
    write(resize.to);
    ++writes;
  }
  return results;
}

void SimulatedScale::write(int32_t replicas) {
  spec_replicas_ = replicas;
  ++version_;
}

void SimulatedScale::roll(Instant now) {
  std::erase_if(service_.instances, [](const auto& entry) { return !entry.second.running; });
  const auto count = [this](auto holds) {
    const auto& all = service_.instances;
    return static_cast<int32_t>(std::count_if(
        all.begin(), all.end(), [&](const auto& entry) { return holds(entry.second); }));
  };
  const auto total = [&] { return static_cast<int32_t>(service_.instances.size()); };
  const auto outdated = [&] {
    return count([this](const SimulatedInstance& i) { return service_.is_outdated(i); });
  };
  const int32_t surge = outdated() > 0 ? (spec_replicas_ + 3) / 4 : 0;
  while (total() < spec_replicas_ + surge && total() - outdated() < spec_replicas_) launch(now);
  // Nothing that serves goes before there are as many ready as are wanted.
  const auto ready = [&] { return count([](const SimulatedInstance& i) { return i.healthy; }); };
  while (outdated() > 0 && ready() > spec_replicas_ && terminate_one(true, true)) {
  }
  if (outdated() > 0) return;
  while (total() > spec_replicas_ && (terminate_one(false, false) || terminate_one(false, true))) {
  }
}

void SimulatedScale::launch(Instant now) {
  service_.launch(workload_, workload_ + "-" + std::to_string(next_pod_++), now);
}

bool SimulatedScale::terminate_one(bool outdated, bool ready) {
  auto& all = service_.instances;
  const auto fits = [&](const SimulatedInstance& instance) {
    return instance.healthy == ready && (!outdated || service_.is_outdated(instance));
  };
  for (auto pod = all.rbegin(); pod != all.rend(); ++pod) {
    if (!fits(pod->second)) continue;
    service_.terminate(InstanceId(pod->first));
    return true;
  }
  return false;
}

InstanceObservation SimulatedScale::pod_of(const InstanceId& id,
                                           const SimulatedInstance& instance) {
  InstanceObservation pod{.workload = workload_, .instance = id, .address = instance.address};
  pod.started = instance.launched;
  pod.revision = std::to_string(instance.version);
  PodFacts& facts = pod.pod.emplace();
  // Its load is a share of what it requests.
  facts.containers.push_back({"app", {{"cpu", 1000}, {"memory", 1000}}, true});
  facts.started = instance.launched;
  facts.ready = instance.healthy;
  facts.ready_changed = instance.healthy ? instance.ready_at : instance.launched;
  return pod;
}

}  // namespace autoscaler
