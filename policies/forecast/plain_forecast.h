#pragma once

#include "policies/forecast/conformal.h"
#include "policies/forecast/log_scale.h"

#include <algorithm>
#include <cstdint>

namespace autoscaler {

// A plain forecast (the newest minute, yesterday's) with conformal quantiles of its own: what a
// forecaster has to beat by knowing more, and not by the width of its quantiles.
class PlainForecast {
 public:
  // `peak`: of the load; it gives the floor of the logarithms.
  static LogScale scale_of(double peak) {
    return {.floor = LogScale::kFloorOfPeak * std::max(peak, 1e-12)};
  }

  QuantileValues highest(const LogScale& scale, double middle, int64_t hour) const {
    QuantileValues values{};
    for (size_t i = 0; i < kQuantileCount; ++i) {
      values[i] = scale.to_load(scale.to_log(middle) + quantiles_.offsets()[i] * spread_.at(hour));
    }
    return values;
  }
  void learn(const LogScale& scale, double middle, double truth, int64_t hour) {
    const double error = scale.to_log(truth) - scale.to_log(middle);
    quantiles_.learn(error / spread_.at(hour));
    spread_.learn(error, hour);
  }

 private:
  Spread spread_;
  ConformalQuantiles quantiles_;
};

// The loss of a forecast quantile: what came above it costs `quantile` of the error, below it the
// rest.
inline double pinball(double quantile, double forecast, double truth) {
  const double error = truth - forecast;
  return error >= 0 ? quantile * error : (quantile - 1) * error;
}

}  // namespace autoscaler
