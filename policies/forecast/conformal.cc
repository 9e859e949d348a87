#include "policies/forecast/conformal.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

constexpr double kRecentGain = 0.03;
constexpr double kSlowGain = 0.002;  // 8 hours
constexpr double kLeastSpread = 0.002;
constexpr double kMostErrors = 6;  // an error beyond so many spreads counts as them
constexpr double kMostOffset = 15;
constexpr double kFirstHaste = 3;
constexpr double kHastyErrors = 3 * 1440;  // three days of minutes: then there is no haste

}  // namespace

double Spread::at(int64_t hour_of_day) const {
  const auto hour = static_cast<size_t>(hour_of_day);
  const double usual = hours_[hour] > 0 ? static_cast<double>(hours_[hour]) : recent_;
  return std::max(kLeastSpread, (recent_ + usual) / 2);
}

void Spread::learn(double error, int64_t hour_of_day) {
  const auto hour = static_cast<size_t>(hour_of_day);
  const double size = std::min(std::abs(error), kMostErrors * at(hour_of_day));
  const double usual = hours_[hour] > 0 ? static_cast<double>(hours_[hour]) : recent_;
  recent_ += kRecentGain * (size - recent_);
  slow_ += kSlowGain * (size - slow_);
  hours_[hour] = static_cast<float>(usual + hour_gain_ * (size - usual));
}

double ConformalQuantiles::step(size_t quantile) const {
  const double haste =
      std::clamp(kHastyErrors / static_cast<double>(learned_ + 1), 1.0, kFirstHaste);
  return std::min(1.0, pace_ * haste) *
         (middle_step_ + (0.06 - middle_step_) / 3 * static_cast<double>(quantile));
}

void ConformalQuantiles::learn(double error_in_spreads) {
  Misses missed;
  for (size_t i = 0; i < kQuantileCount; ++i) missed[i] = error_in_spreads > offsets_[i];
  learn(missed);
}

void ConformalQuantiles::learn(const Misses& missed) {
  double least = -kMostOffset;
  for (size_t i = 0; i < kQuantileCount; ++i) {
    const double surprise = (missed[i] ? 1 : 0) - (1 - kQuantiles[i]);
    offsets_[i] = std::clamp(offsets_[i] + step(i) * surprise, least, kMostOffset);
    least = offsets_[i];
  }
  ++learned_;
}

}  // namespace autoscaler
