#include "policies/forecast/width.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

constexpr double kNarrowest = 0.3;
constexpr double kWidest = 3;
constexpr double kMostErrors = 6;  // usual ones: what is larger counts as so many

// Over the usual spread, so that a calm load and a wild one teach the same.
LeastSquares<6>::Features features_of(const Width::Signs& signs) {
  const auto relative = [&](double sign) { return std::min(kMostErrors, sign / signs.usual); };
  return {1,
          relative(signs.recent),
          relative(signs.slow),
          relative(signs.dissent),
          relative(signs.jump),
          relative(signs.of_hour)};
}

}  // namespace

double Width::at(const Signs& signs) const {
  const double factor = 1 + correction_.predict(features_of(signs));
  return signs.usual * std::clamp(factor, kNarrowest, kWidest);
}

void Width::learn(const Signs& signs, double error) {
  const double size = std::min(kMostErrors, std::abs(error) / signs.usual);
  correction_.learn(features_of(signs), size - 1, kMostErrors);
}

}  // namespace autoscaler
