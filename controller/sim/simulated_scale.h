#pragma once

#include "controller/cluster.h"
#include "controller/config/config.h"
#include "controller/sim/service.h"

#include <functional>

namespace autoscaler {

// The simulated service as a Deployment: its pods follow spec.replicas, and a new release rolls out
// as RollingUpdate does, with maxSurge 25 % and maxUnavailable 0. Ready pods get their share of the
// load at once, as behind a Service.
class SimulatedScale final : public ClusterReader, public ClusterWriter {
 public:
  SimulatedScale(SimulatedService& service, const WorkloadConfig& config)
      : service_(service), workload_(config.spec.name), spec_replicas_(config.spec.bounds.min) {}

  // What the Deployment's own controller has done by now is done first.
  Result<ClusterObservation> observe(Instant now) override;
  std::vector<ChangeResult> apply(std::span<const Change> changes, Instant now) override;

  // As anybody may: kubectl scale.
  void write(int32_t replicas);

  int64_t writes = 0;                  // of ours that were taken
  std::function<void()> before_write;  // between our observation and our write

 private:
  void roll(Instant now);
  void launch(Instant now);
  // The youngest that is not ready, or else the youngest; `outdated`: only among those.
  bool terminate_one(bool outdated, bool ready);
  InstanceObservation pod_of(const InstanceId& id, const SimulatedInstance& instance);

  SimulatedService& service_;
  const WorkloadId workload_;
  int32_t spec_replicas_;
  int64_t version_ = 1;
  int64_t next_pod_ = 1000;
};

}  // namespace autoscaler
