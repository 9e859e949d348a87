#pragma once

#include "controller/backtest/forecast_score.h"
#include "controller/backtest/world.h"
#include "policies/predict/error_budget.h"
#include "policies/predict/predictive_size.h"

#include <memory>
#include <optional>
#include <vector>

namespace autoscaler {

// What the forecaster says at the end of each minute. It depends on the load alone, so that all
// policies at one lead share it.
struct ForecastTrack {
  struct Minute {
    std::optional<Expectation> lead;
    std::optional<Expectation> hold;
    bool outage_suspected = false;
  };
  int64_t first = 0;  // unix minutes
  std::vector<Minute> minutes;
};

// The horizons: until what is launched now serves and one minute more, until the next decision can
// serve; and twice the lead and four minutes.
int64_t lead_steps(int64_t lead_s);
int64_t hold_steps(int64_t lead_s);
ForecastTrack track_forecasts(const Minutes& minutes, int64_t lead_s, const Calendar& calendar);

// predict-V: V is the price of a violating minute.
std::unique_ptr<Contender> make_predict(const ForecastTrack& track, double price,
                                        double rate_per_instance);
// budget-B: the price that spends a share of the time.
std::unique_ptr<Contender> make_budget(const ForecastTrack& track, double budget,
                                       double rate_per_instance);

}  // namespace autoscaler
