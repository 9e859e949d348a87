#pragma once

#include "tests/policies/scene_builder.h"

// A forecast that is sure of itself, and may act.
namespace autoscaler::testing {

inline QuantileValues near(double load) {
  QuantileValues values{};
  for (size_t i = 0; i < kQuantileCount; ++i) {
    values[i] = load * (1 + 0.001 * static_cast<double>(i));
  }
  return values;
}

inline Prediction prediction_of(double lead, double hold, uint16_t policy = 0) {
  Prediction prediction;
  prediction.policy = policy;
  prediction.gate = Gate::kOpen;
  prediction.judged = 4320;
  prediction.loss_ratio = 0.8;
  prediction.coverage = 0.95;
  prediction.at = kStart - 10s;
  prediction.lead = 4min;
  prediction.hold = 10min;
  prediction.lead_highest = near(lead);
  prediction.hold_highest = near(hold);
  prediction.usual = 500;
  prediction.peak = 1000;
  return prediction;
}

inline PredictSpec predict(PredictSpec::Mode mode, size_t signal = 0) {
  PredictSpec spec;
  spec.signal = signal;
  spec.mode = mode;
  spec.per_instance = 100;
  return spec;
}

}  // namespace autoscaler::testing
