#pragma once

#include <array>

namespace autoscaler {

// Learns how to combine what is known into the best forecast: recursive least squares with
// forgetting (Ljung, "System Identification", 11.2).
class Stacker {
 public:
  static constexpr int kFeatures = 14;
  using Features = std::array<double, kFeatures>;

  Stacker() { restart(); }

  double predict(const Features& features) const;
  // `most`: an error beyond it counts as it, so that one burst does not bend what was learned.
  void learn(const Features& features, double truth, double most);
  // Forgets how sure it is, but not what it has learned.
  void restart();
  void forget();

 private:
  static constexpr double kMemory = 0.9998;  // half of it is 2.4 days
  static constexpr double kPrior = 10;  // variance of a weight at the start, in that of the errors
  static constexpr double kMostTrace = 2000;  // beyond it nothing is forgotten: no wind-up

  Features weights_{};
  double covariance_[kFeatures * (kFeatures + 1) / 2];  // the lower triangle, row by row
};

}  // namespace autoscaler
