#pragma once

#include <algorithm>
#include <array>
#include <cmath>

namespace autoscaler {

// Learns how to combine what is known into the best forecast: recursive least squares with
// forgetting (Ljung, "System Identification", 11.2). Kept as floats: half the state, and the same
// forecasts to four digits.
template <int N>
class LeastSquares {
 public:
  using Features = std::array<double, N>;

  LeastSquares() { restart(); }

  double predict(const Features& features) const {
    double sum = 0;
    for (int i = 0; i < N; ++i) sum += weights_[i] * features[i];
    return sum;
  }

  // `most`: an error beyond it counts as it, so that one burst does not bend what was learned.
  // `weight`: of this one beside the others, 1 of a usual one; larger where errors are small.
  void learn(const Features& features, double truth, double most, double weight = 1) {
    Features gain{};
    double trace = 0;
    const float* entry = covariance_;
    for (int i = 0; i < N; ++i) {
      for (int j = 0; j < i; ++j) {
        gain[i] += *entry * features[j];
        gain[j] += *entry++ * features[i];
      }
      trace += *entry;
      gain[i] += *entry++ * features[i];
    }
    double variance = 0;
    for (int i = 0; i < N; ++i) variance += features[i] * gain[i];
    if (variance < 0) return restart();  // rounding has spoiled it
    const double memory = trace < kMostTrace ? kMemory : 1;
    const double error = std::clamp(truth - predict(features), -most, most);
    const double scale = std::sqrt(weight / (memory + weight * variance));
    for (double& each : gain) each *= scale;
    float* next = covariance_;
    for (int i = 0; i < N; ++i) {
      weights_[i] += static_cast<float>(gain[i] * error * scale);
      for (int j = 0; j <= i; ++j, ++next) {
        *next = static_cast<float>((*next - gain[i] * gain[j]) / memory);
      }
    }
  }

  // Forgets how sure it is, but not what it has learned.
  void restart() {
    float* entry = covariance_;
    for (int i = 0; i < N; ++i) {
      for (int j = 0; j <= i; ++j) *entry++ = i == j ? kPrior : 0;
    }
  }

 private:
  static constexpr double kMemory = 0.9998;  // half of it is 2.4 days
  static constexpr float kPrior = 1;  // variance of a weight at the start, in that of the errors
  static constexpr double kMostTrace = 2000;  // beyond it nothing is forgotten: no wind-up

  float weights_[N] = {};
  float covariance_[N * (N + 1) / 2];  // the lower triangle, row by row
};

}  // namespace autoscaler
