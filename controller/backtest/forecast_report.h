#pragma once

#include "controller/backtest/forecast_score.h"

#include <string>
#include <vector>

namespace autoscaler {

std::string forecast_json(const std::vector<ForecastScore>& scores);

// Losses and coverage by horizon, and the coverage of P95 by the hour of the day as bars.
std::string forecast_text(const std::vector<ForecastScore>& scores);

}  // namespace autoscaler
