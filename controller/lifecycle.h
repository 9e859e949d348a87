#pragma once

#include "controller/fleet.h"

#include <span>
#include <vector>

namespace autoscaler {

// Joins what the cluster and the balancer show of one workload with what is remembered, advances
// the memory (launched, ready, attached, unhealthy, failed) and gives every instance its lifecycle.
// `now` is the tick's. A null `cluster` means that the cluster did not answer: the memory stands as
// it is. Instances gone from both places are forgotten.
//
// Worked example, warmup 45 s: requested 10:00:00, healthy 10:00:04 (Ready), seen in the balancer
// 10:00:06 (Warming), InService from 10:00:51.
FleetWorkload join(const WorkloadConfig& config, const std::vector<InstanceObservation>* cluster,
                   std::span<const BackendObservation> backends, bool balancer_known, Instant now,
                   WorkloadMemory& memory);

// By then nine of ten were ready; nullopt: none has been yet.
std::optional<Duration> nine_in_ten(std::vector<Duration> times);

// A deploy begins when instances are first seen to run what the config no longer says.
void note_deploy(const FleetWorkload& fleet, Instant now, WorkloadMemory& memory);

// The input of `evaluate`: what stands, and who counts.
Workload workload_of(const FleetWorkload& fleet, const WorkloadMemory& memory,
                     bool journal_writable);

// An instance that has been ready for so long has shown that launches work.
inline constexpr Duration kStable = std::chrono::minutes(1);

// The longest time for which a launch waits after failures.
inline constexpr Duration kLongestLaunchBackoff = std::chrono::minutes(5);

// The launches that the cluster refused in one tick: forgotten, and the next one waits (fleet.h,
// LaunchBackoff). Together they are one failure.
void forget_refused_launches(std::span<const InstanceId> instances, Instant now,
                             WorkloadMemory& memory);

// The number at the end of an id made by instance_id; 0 where there is none.
int64_t instance_number(const InstanceId& id);
InstanceId instance_id(const WorkloadId& workload, int64_t number);

// One more measured time from the request for an instance to its first passed health check.
void remember_ready(Duration took, WorkloadMemory& memory);

}  // namespace autoscaler
