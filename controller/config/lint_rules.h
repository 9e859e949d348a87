#pragma once

#include "controller/config/lint.h"
#include "controller/config/sections.h"

namespace autoscaler {

// One workload that is good, and the place at which its warnings are told.
struct Linted {
  const WorkloadConfig& workload;
  const Cursor& place;
  Measurements measured;
  Instant now;

  Cursor policy(size_t index) const { return place.child("policies").item(index); }
};

void lint_signals(const Linted& linted);
void lint_policies(const Linted& linted);
void lint_guards(const Linted& linted);
void lint_schedules(const Linted& linted);
void lint_predictions(const Linted& linted);

// Of all workloads together.
void lint_requests(const ControllerSpec& controller, const std::vector<PlacedWorkload>& workloads,
                   Problems& warnings);

}  // namespace autoscaler
