#pragma once

#include "policies/decision.h"
#include "policies/spec.h"

namespace autoscaler {

// One number for the service, whoever reports it: targets of a signal's own are no instances.
inline bool is_of_service(const SignalSpec& signal, const SignalValue& value) {
  return value.expected == 0 || signal.over_targets;
}

inline bool is_sum(const SignalSpec& signal) {
  return signal.kind == SignalSpec::Kind::kNumber && signal.aggregation == Aggregation::kSum;
}

// Of a value that instances report: what one of them has of it.
inline double of_one_instance(const SignalSpec& signal, const SignalValue& value) {
  return is_sum(signal) ? *value.value / value.reporting : *value.value;
}

}  // namespace autoscaler
