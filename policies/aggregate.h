#pragma once

#include "policies/decision.h"
#include "policies/signal.h"
#include "policies/spec.h"
#include "policies/tally.h"
#include "policies/workload.h"

#include <span>

namespace autoscaler {

// The readings of one signal as one number.
// - Only instances in service count: warming ones are slow for a reason that more instances do not
//   cure, draining ones idle. `expected` is how many are in service. Of a signal that has targets
//   of its own, every target counts, and `expected` is how many there are.
// - Ratios are merged as sum / sum and histograms bucket by bucket before the quantile is taken:
//   a mean of ratios or of p95s would let an idle instance speak as loud as a busy one.
// - Missing{kLowCoverage} when fewer than min_coverage of the expected instances answered with
//   something fresh and finite; when none did and all for one reason, that reason.
// - A zero that is not believed counts as missing (kSuspiciousZero): policies/quality.h.
// - No traffic (0/0, an empty histogram) is `idle`: neither missing nor 0. A histogram of fewer
//   than min_observations is Missing{kTooFewObservations}.
// - `doubt` is set where a scale-in must not be founded on the value.
// Signals of kind kQuantity are left to the HPA policies: the answer is empty.
SignalValue aggregate(const SignalSpec& spec, const Signal& signal,
                      std::span<const Instance> instances, Instant now,
                      const Surroundings& around = {});

}  // namespace autoscaler
