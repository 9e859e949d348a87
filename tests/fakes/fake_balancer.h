#pragma once

#include "controller/load_balancer.h"

#include <map>
#include <string>
#include <vector>

namespace autoscaler {

// A load balancer in memory: entries by instance, with a state and a number in flight.
class FakeBalancer final : public BalancerReader, public BalancerWriter {
 public:
  BalancerObservation observe(Instant) override {
    BalancerObservation seen;
    if (outage) {
      seen.unreachable.emplace_back(outage_of, *outage);
      return seen;
    }
    for (const auto& [id, entry] : entries) seen.backends.push_back(entry);
    return seen;
  }

  std::vector<ChangeResult> apply(std::span<const Change> changes, Instant) override {
    std::vector<ChangeResult> results;
    for (const Change& change : changes) {
      log.push_back(std::string(change_name(change)) + " " + change_instance(change));
      results.push_back({change, false, outage});
      if (outage) continue;
      const InstanceId& id = change_instance(change);
      if (const auto* attach = std::get_if<Attach>(&change)) {
        BackendObservation& entry = entries[id];
        entry.workload = attach->workload;
        entry.instance = id;
        entry.address = attach->address;
        entry.state = BackendObservation::State::kUp;
      } else if (std::holds_alternative<Drain>(change)) {
        entries[id].state = BackendObservation::State::kDraining;
      } else {
        entries.erase(id);
      }
    }
    return results;
  }

  std::map<InstanceId, BackendObservation> entries;
  std::vector<std::string> log;
  std::optional<Error> outage;
  WorkloadId outage_of = "shop";
};

}  // namespace autoscaler
