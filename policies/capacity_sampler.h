#pragma once

#include "policies/capacity_state.h"
#include "policies/signal.h"
#include "policies/spec.h"
#include "policies/workload.h"

namespace autoscaler {

// Signals whose capacity is learned: those that some policy tracks or predicts with
// perInstance: learned.
bool learns_capacity(const WorkloadSpec& spec, size_t signal);

// Takes a sample of load and p95 into `state` where this tick has a good one. Left out are
//   - windows that overlap: one sample for each;
//   - windows in which the number of instances in service changed, or instances of two commands
//     served (`mixed`);
//   - service-wide readings while instances warm up or drain: they have a part in them;
//   - loads and latencies that are missing, in doubt (policies/quality.h) or of no traffic;
//   - windows with more than 1 % errors by the signal named `errors`, or where that is missing:
//   what
//     fails fast is no evidence that a load is carried.
// The signal named `cpu`, if it is a utilisation, bounds how far the curve can be drawn on.
void learn_capacity(const WorkloadSpec& spec, size_t signal, const Workload& workload,
                    const Signals& signals, bool mixed, Instant now, CapacityState& state);

}  // namespace autoscaler
