#include "policies/forecast/stacker.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {

void Stacker::restart() {
  double* entry = covariance_;
  for (int i = 0; i < kFeatures; ++i) {
    for (int j = 0; j <= i; ++j) *entry++ = i == j ? kPrior : 0;
  }
}

void Stacker::forget() {
  weights_ = {};
  restart();
}

double Stacker::predict(const Features& features) const {
  double sum = 0;
  for (int i = 0; i < kFeatures; ++i) sum += weights_[i] * features[i];
  return sum;
}

void Stacker::learn(const Features& features, double truth, double most) {
  Features gain{};
  double trace = 0;
  const double* entry = covariance_;
  for (int i = 0; i < kFeatures; ++i) {
    for (int j = 0; j < i; ++j) {
      gain[i] += *entry * features[j];
      gain[j] += *entry++ * features[i];
    }
    trace += *entry;
    gain[i] += *entry++ * features[i];
  }
  double variance = 0;
  for (int i = 0; i < kFeatures; ++i) variance += features[i] * gain[i];
  const double memory = trace < kMostTrace ? kMemory : 1;
  const double error = std::clamp(truth - predict(features), -most, most);
  for (double& each : gain) each /= std::sqrt(memory + variance);
  const double step = error / std::sqrt(memory + variance);
  double* next = covariance_;
  for (int i = 0; i < kFeatures; ++i) {
    weights_[i] += gain[i] * step;
    for (int j = 0; j <= i; ++j, ++next) *next = (*next - gain[i] * gain[j]) / memory;
  }
}

}  // namespace autoscaler
