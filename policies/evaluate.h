#pragma once

#include "policies/decision.h"
#include "policies/recent.h"
#include "policies/signal.h"
#include "policies/spec.h"
#include "policies/workload.h"

namespace autoscaler {

// The whole decision about one workload, in the order of docs/architecture.md: proposals, combine,
// stabilise, rate limits, workload cooldown, guards, bounds, pause. Pure and total: it always
// answers, and `to == from` has a reason.
Decision evaluate(const WorkloadSpec& spec, const Workload& workload, const Signals& signals,
                  const Recent& recent, Instant now);

// The signals as evaluate sees them: one number each.
using SignalValues = decltype(Decision::signals);
SignalValues read_signals(const WorkloadSpec& spec, const Workload& workload,
                          const Signals& signals, const Recent& recent, Instant now);

// The stages after Combine, from another size: `decision.combined` as it stands is limited from
// `size` with `recent`'s memory. Dry-run uses it to move its shadow size.
Decision limit(const WorkloadSpec& spec, const Workload& workload, const Decision& combined,
               int32_t size, const Recent& recent, Instant now);

}  // namespace autoscaler
