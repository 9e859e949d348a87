#pragma once

#include "controller/fleet.h"

#include <span>
#include <vector>

namespace autoscaler {

// Of a workload whose pods the cluster itself starts, replaces and balances. A pod's life is what
// it shows, and nothing of it is remembered over restarts:
//
//   Pending, or not Ready                  Launching
//   Ready for less than the warm-up        Warming
//   Ready                                  InService
//   with a deletionTimestamp               Terminating
//   Failed, Succeeded                      left out; with `compatibility: hpa` Failed and Gone, as
//                                          the HPA's classes tell them apart (policies/hpa_pods.h)
//
// A dead pod is not ours to replace: its controller does that.

// The pods of one workload that have not been ready yet, so that the first time is measured once.
struct StartingPods {
  std::vector<InstanceId> pods;  // ordered
};

// `pods` are ordered by id, and are used up. A null `scale` means that the cluster did not answer.
// The memory's deploy is advanced; it holds no instances.
FleetWorkload join_pods(const WorkloadConfig& config, const ScaleObservation* scale,
                        std::span<InstanceObservation> pods, Instant now, StartingPods& starting,
                        WorkloadMemory& memory);

// The input of `evaluate`: spec.replicas is the size, as the HPA has it.
Workload workload_of_pods(const FleetWorkload& fleet, const WorkloadMemory& memory,
                          bool journal_writable);

}  // namespace autoscaler
