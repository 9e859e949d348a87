#include "policies/forecast/leaning_quantiles.h"

#include <algorithm>

namespace autoscaler {
namespace {

constexpr double kGainPace = 0.015;  // of the steps of the offsets
constexpr double kMostGain = 1;
constexpr double kHourPace = 0.15;  // of the step of P95's offset
constexpr double kLeastHour = -0.5;
constexpr double kMostHour = 1;
constexpr size_t kP95 = 3;

}  // namespace

QuantileValues LeaningQuantiles::at(const Leans& leans, int64_t hour_of_day) const {
  const double wider = 1 + hours_[static_cast<size_t>(hour_of_day)];
  QuantileValues values = offsets_.offsets();
  for (size_t i = 0; i < kQuantileCount; ++i) {
    for (size_t k = 0; k < kLeans; ++k) values[i] += gains_[i][k] * leans[k];
    if (i > 0) values[i] = std::max(values[i], values[i - 1]);
  }
  for (double& each : values) each *= each > 0 ? wider : 1;
  return values;
}

void LeaningQuantiles::learn(double error_in_widths, const Leans& leans, int64_t hour_of_day) {
  const QuantileValues values = at(leans, hour_of_day);
  ConformalQuantiles::Misses missed;
  for (size_t i = 0; i < kQuantileCount; ++i) {
    missed[i] = error_in_widths > values[i];
    const double surprise = (missed[i] ? 1 : 0) - (1 - kQuantiles[i]);
    for (size_t k = 0; k < kLeans; ++k) {
      const double gain = gains_[i][k] + kGainPace * offsets_.step(i) * surprise * leans[k];
      gains_[i][k] = static_cast<float>(std::clamp(gain, -kMostGain, kMostGain));
    }
  }
  // What all hours have in common is for the offsets: what one hour gains is taken from all.
  const double surprise = (missed[kP95] ? 1 : 0) - (1 - kQuantiles[kP95]);
  const double step = kHourPace * offsets_.step(kP95) * surprise;
  float& hour = hours_[static_cast<size_t>(hour_of_day)];
  const double next = std::clamp(hour + step, kLeastHour, kMostHour);
  const double moved = next - hour;
  hour = static_cast<float>(next);
  for (float& each : hours_) {
    each = static_cast<float>(std::max(kLeastHour, each - moved / 24));
  }
  offsets_.learn(missed);
}

}  // namespace autoscaler
