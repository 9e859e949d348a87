#pragma once

#include "controller/cluster.h"

#include <map>
#include <string>
#include <vector>

namespace autoscaler {

// A cluster in memory. Instances start when launched, get healthy when the test says so (or at once
// with `healthy_at_once`), and vanish when terminated. Every change asked for is kept in `log`.
class FakeCluster final : public ClusterReader, public ClusterWriter {
 public:
  Result<ClusterObservation> observe(Instant) override {
    if (outage) return *outage;
    ClusterObservation seen;
    for (const auto& [id, instance] : instances) seen.instances.push_back(instance);
    return seen;
  }

  std::vector<ChangeResult> apply(std::span<const Change> changes, Instant now) override {
    std::vector<ChangeResult> results;
    for (const Change& change : changes) {
      log.push_back(std::string(change_name(change)) + " " + change_instance(change));
      results.push_back({change, false, std::nullopt});
      if (std::holds_alternative<Launch>(change) && refuse_launches) {
        results.back().error = *refuse_launches;
      } else if (std::holds_alternative<Launch>(change)) {
        launch(change_workload(change), change_instance(change), now);
      } else {
        instances.erase(change_instance(change));
      }
    }
    return results;
  }

  void launch(const WorkloadId& workload, const InstanceId& id, Instant now) {
    if (instances.count(id) != 0) return;
    InstanceObservation made{.workload = workload, .instance = id, .started = now};
    made.address = "127.0.0.1:" + std::to_string(next_port_++);
    if (healthy_at_once) made.healthy = true;
    instances[id] = made;
  }

  void set_all_healthy(bool healthy) {
    for (auto& [id, instance] : instances) instance.healthy = healthy;
  }

  std::map<InstanceId, InstanceObservation> instances;
  std::vector<std::string> log;
  std::optional<Error> outage;
  std::optional<Error> refuse_launches;
  bool healthy_at_once = true;

 private:
  int next_port_ = 9000;
};

}  // namespace autoscaler
