#pragma once

#include "controller/backtest/demand.h"
#include "policies/forecast/forecaster.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace autoscaler {

inline constexpr size_t kP95 = 3;  // of kQuantiles
static_assert(kQuantiles[kP95] == 0.95);

// How good the forecasts of one horizon were, over every minute that is scored. What is forecast is
// the highest minute within the horizon.
struct ForecastScore {
  struct Held {
    int64_t minute;  // unix, from which it looked ahead
    double truth;
    double p50;
    double p95;
  };
  std::string trace;
  int64_t horizon_s = 0;
  int64_t origins = 0;
  // Weighted quantile loss over the quantiles 0.5, 0.8, 0.9 and 0.95: the pinball losses over the
  // load. The others are given the same conformal quantiles: `naive` forecasts what came at this
  // time yesterday, `persistence` the newest minute.
  double wql = 0;
  double wql_naive = 0;
  double wql_persistence = 0;
  QuantileValues coverage{};               // share of the truths at or below each quantile
  std::array<double, 24> cover95_by_hour;  // UTC
  double cover95() const { return coverage[kP95]; }
  double worst_hour_cover95 = 0;
  std::vector<Held> held;  // each forecast against what came, where they are asked for
};

// The load of each minute: its highest sample; nullopt in a gap.
struct Minutes {
  int64_t first = 0;  // unix minutes
  std::vector<std::optional<double>> loads;
  size_t first_scored = 0;
};
Minutes minutes_of(const Demand& demand);
// Of a trace as it is, linear between its rows. The first week (half of a trace shorter than two)
// is not scored.
Minutes minutes_of(const Trace& trace);

inline constexpr std::array<int64_t, 4> kScoredHorizons{3, 6, 11, 60};  // minutes

// Rolling origins: a forecaster learns minute by minute, and each forecast is held against what
// came after it. A horizon of which nothing could be scored, or which had no load, has no score.
std::vector<ForecastScore> score_forecasts(const std::string& trace, const Minutes& minutes,
                                           const Calendar& calendar, bool keeps_held = false);

}  // namespace autoscaler
