#pragma once

#include "controller/backtest/bench_config.h"
#include "controller/backtest/world.h"
#include "controller/demand_learning.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace autoscaler {

// What the forecaster says at each tick, learned by the controller's own rules from what it sees.
// It depends on the load alone, so that all policies at one lead share it, the gate with it.
struct ForecastTrack {
  std::vector<Prediction> predictions;  // one after the other
  std::vector<uint32_t> at_tick;        // index of the one that a tick decides with
};
ForecastTrack track_forecasts(const Demand& demand, int64_t lead_s, GateRule gate);

// A policy of ours in the fixed world: the project's own evaluate and record, every 15 s.
std::unique_ptr<Contender> make_predictive(const BenchPolicy& policy, int64_t lead_s,
                                           const ForecastTrack& track);

// What a policy sees, as readings of the signals of bench_config.
Signals readings_of(const Sight& sight);

}  // namespace autoscaler
