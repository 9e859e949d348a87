#include "policies/forecast/weights.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

constexpr double kForgetting = 1.0 / 720;
constexpr double kSharpness = 25;
constexpr double kLeastWeight = 1e-3;
constexpr double kBiasGain = 0.005;

}  // namespace

double Weights::combine(const Opinions& opinions) const {
  const double best = *std::min_element(losses_.begin(), losses_.end()) + 1e-9;
  double sum = 0;
  double total = 0;
  for (size_t i = 0; i < kExperts; ++i) {
    const double weight = std::exp(-kSharpness * (losses_[i] - best) / best) + kLeastWeight;
    sum += weight * (opinions[i] + biases_[i]);
    total += weight;
  }
  return sum / total;
}

void Weights::learn(const Opinions& opinions, double truth, double most) {
  for (size_t i = 0; i < kExperts; ++i) {
    const double error = std::clamp(truth - opinions[i] - biases_[i], -most, most);
    losses_[i] += std::abs(error) - kForgetting * losses_[i];
    if (i != kStacked) biases_[i] += kBiasGain * error;  // the stacker has a bias of its own
  }
}

double Weights::median_loss() const {
  Opinions sorted = losses_;
  std::nth_element(sorted.begin(), sorted.begin() + kExperts / 2, sorted.end());
  return sorted[kExperts / 2];
}

}  // namespace autoscaler
