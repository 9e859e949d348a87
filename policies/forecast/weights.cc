#include "policies/forecast/weights.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

constexpr double kForgetting = 1.0 / 1440;
// The losses of windows that overlap are alike: of windows of n minutes a day tells as much as a
// day over n does of single ones, and what a loss is worth falls with the root: 35 at 3 minutes, 8
// at 60.
constexpr double kSharpness = 60;
constexpr double kLeastWeight = 1e-3;

}  // namespace

Weights::Weights(int64_t steps) : sharpness_(kSharpness / std::sqrt(static_cast<double>(steps))) {}

double Weights::combine(const Opinions& opinions) const {
  const double best = *std::min_element(losses_.begin(), losses_.end()) + 1e-9;
  double sum = 0;
  double total = 0;
  for (size_t i = 0; i < kExperts; ++i) {
    const double weight = std::exp(-sharpness_ * (losses_[i] - best) / best) + kLeastWeight;
    sum += weight * opinions[i];
    total += weight;
  }
  return sum / total;
}

void Weights::learn(const Opinions& opinions, double truth, double most) {
  for (size_t i = 0; i < kExperts; ++i) {
    const double error = std::clamp(truth - opinions[i], -most, most);
    losses_[i] += std::abs(error) - kForgetting * losses_[i];
  }
}

double Weights::median_loss() const {
  Opinions sorted = losses_;
  std::nth_element(sorted.begin(), sorted.begin() + kExperts / 2, sorted.end());
  return sorted[kExperts / 2];
}

}  // namespace autoscaler
