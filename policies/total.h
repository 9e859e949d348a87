#pragma once

#include "policies/decision.h"
#include "policies/spec.h"

#include <optional>

namespace autoscaler {

// The load of the whole service. What instances that do not report serve is taken to be as much as
// the others do: 3 of 4 with 300/s together are 400/s. nullopt: the signal has no value, or one
// instance's number (a maximum, a percentile) says nothing of the others.
std::optional<double> total_of(const SignalSpec& spec, const SignalValue& signal);

}  // namespace autoscaler
