#pragma once

#include "controller/backtest/forecast_score.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace autoscaler {

nlohmann::ordered_json score_json(const ForecastScore& score);
std::string forecast_json(const std::vector<ForecastScore>& scores);

// Losses and coverage by horizon, and the coverage of P95 by the hour of the day as bars.
std::string forecast_text(const std::vector<ForecastScore>& scores);

// A page that plots the load within each horizon beside its forecasts, which were kept, and what
// they covered.
std::string forecast_html(const std::vector<ForecastScore>& scores);

}  // namespace autoscaler
