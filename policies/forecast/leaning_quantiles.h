#pragma once

#include "policies/forecast/conformal.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace autoscaler {

// Conformal quantiles that lean towards where the truth may be: by what is seen beside the forecast
// (quantile regression by the gradient of its loss: Koenker, "Quantile Regression", 2005), and by
// the hour of the day, so that P95 is missed as often at night as by day. A miss is one of the
// whole quantile, so what conformal quantiles promise of the long run holds for these.
class LeaningQuantiles {
 public:
  // Where the truth may be, over the width of an error, from the forecast on: -3 to 3.
  static constexpr size_t kLeans = 6;
  using Leans = std::array<double, kLeans>;

  explicit LeaningQuantiles(double pace) : offsets_(pace, kMiddleStep) {}

  // In widths of an error, ascending.
  QuantileValues at(const Leans& leans, int64_t hour_of_day) const;
  void learn(double error_in_widths, const Leans& leans, int64_t hour_of_day);

 private:
  static constexpr double kMiddleStep = 0.01;  // the middle is learned by the forecast itself

  ConformalQuantiles offsets_;
  std::array<std::array<float, kLeans>, kQuantileCount> gains_{};
  std::array<float, 24> hours_{};  // what the hour adds to quantiles above the forecast, of them
};

}  // namespace autoscaler
