#pragma once

#include "policies/forecast/experts.h"

namespace autoscaler {

// Whom to believe: losses that are forgotten with a half-life of 17 hours, and weights that fall
// exponentially with the loss over the best one's. Nobody is ever quite out (Cesa-Bianchi and
// Lugosi, "Prediction, Learning, and Games", 2.2 and 5.2).
class Weights {
 public:
  // Of forecasts that look so many minutes ahead.
  explicit Weights(int64_t steps);

  // The weighted mean of the experts' forecasts.
  double combine(const Opinions& opinions) const;
  void learn(const Opinions& opinions, double truth, double most);

  double loss(int expert) const { return losses_[static_cast<size_t>(expert)]; }
  double median_loss() const;

 private:
  Opinions losses_{};
  double sharpness_;
};

}  // namespace autoscaler
