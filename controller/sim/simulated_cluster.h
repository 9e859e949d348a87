#pragma once

#include "controller/cluster.h"
#include "controller/load_balancer.h"
#include "controller/sim/service.h"

namespace autoscaler {

// The simulated service's instances, as a cluster shows and makes them.
class SimulatedCluster final : public ClusterReader, public ClusterWriter {
 public:
  explicit SimulatedCluster(SimulatedService& service) : service_(service) {}
  Result<ClusterObservation> observe(Instant now) override;
  std::vector<ChangeResult> apply(std::span<const Change> changes, Instant now) override;

  std::optional<Error> outage;   // it answers nobody
  std::optional<Error> refusal;  // it launches nothing

 private:
  SimulatedService& service_;
};

// The same instances, as the balancer in front of them shows and lists them.
class SimulatedBalancer final : public BalancerReader, public BalancerWriter {
 public:
  SimulatedBalancer(SimulatedService& service, WorkloadId workload)
      : service_(service), workload_(std::move(workload)) {}
  BalancerObservation observe(Instant now) override;
  std::vector<ChangeResult> apply(std::span<const Change> changes, Instant now) override;

  std::optional<Error> outage;  // it answers nobody, and goes on balancing

 private:
  SimulatedService& service_;
  WorkloadId workload_;
};

}  // namespace autoscaler
