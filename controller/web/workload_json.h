#pragma once

#include "controller/tick_record.h"
#include "controller/web/decision_history.h"

#include <nlohmann/json_fwd.hpp>

namespace autoscaler {

// One workload of a tick, as /api/v1 shows it.

// {name, size, wanted, shadow, min, max, reason, outcome, explanation, instances: {<lifecycle>: n}}
nlohmann::json summary_json(const WorkloadTick& tick);
// The summary with {decision, explained (for a person, a line each), signals, readings, cooldown,
// expectedTimeToReadySeconds, launchFailuresInARow, errors}.
nlohmann::json detail_json(const WorkloadTick& tick, Instant now);
// [{id, lifecycle, address, registered, serving, exists, outdated, inFlight, failure}]
nlohmann::json instances_json(const WorkloadTick& tick);
// {workload, at, tick, outcome, explanation, decision}
nlohmann::json kept_decision_json(const KeptDecision& kept);

}  // namespace autoscaler
