#include "policies/total.h"

namespace autoscaler {

std::optional<double> total_of(const SignalSpec& spec, const SignalValue& signal) {
  if (!signal.value || signal.expected == 0) return signal.value;
  switch (spec.aggregation) {
    case Aggregation::kSum:
      if (signal.reporting == 0) return std::nullopt;
      return *signal.value * signal.expected / signal.reporting;
    case Aggregation::kMean: return *signal.value * signal.expected;
    default: return std::nullopt;
  }
}

}  // namespace autoscaler
