#pragma once

#include "controller/fleet.h"

#include <string>
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

// What is known of the pods of one workload from tick to tick.
struct SeenPods {
  // Those that have not been ready yet, so that the first time is measured once. Ordered.
  std::vector<InstanceId> starting;
  // What was made of `of`, and stands while that list does, from `made` until time alone makes one
  // of them warm or stable: at rest nothing is made.
  SharedList<InstanceObservation> of;
  SharedList<FleetInstance> instances;
  SharedList<Instance> as_inputs;
  std::string revision;
  Instant made;
  Instant until;
};

// No `scale` means that the cluster did not answer. The memory's deploy is advanced; it holds
// no instances.
FleetWorkload join_pods(const WorkloadConfig& config, const Shared<ScaleObservation>& scale,
                        Instant now, SeenPods& seen, WorkloadMemory& memory);

// The input of `evaluate`: spec.replicas is the size, as the HPA has it.
Workload workload_of_pods(const FleetWorkload& fleet, const WorkloadMemory& memory,
                          bool journal_writable);

}  // namespace autoscaler
