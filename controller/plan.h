#pragma once

#include "controller/change.h"
#include "controller/fleet.h"

#include <vector>

namespace autoscaler {

struct PlanLimits {
  bool may_remove = true;  // false: the journal cannot be written, so nothing new is taken away
};

// It answers in the balancer and is in no file of ours: another controller's, or one whose state
// was lost, or whose workload had another name. It carries load, and is not ours to stop: it stays
// until it answers no more.
bool is_left_alone(const FleetInstance& instance);

// The next step of every instance of one workload towards `target` instances, and what is to be
// remembered of it. Level-based: the same fleet and memory give the same changes, so that a step
// lost in a crash is asked for again.
//
// Order of the changes: what adds capacity first (Attach, Launch), then Drain, Detach, Terminate.
// Nothing is planned for a cluster that did not answer; nothing is drained or detached, and no
// instance still registered is terminated in health, while the balancer does not answer.
std::vector<Change> plan(const FleetWorkload& fleet, int32_t target, const PlanLimits& limits,
                         Instant now, WorkloadMemory& memory);

}  // namespace autoscaler
