#include "policies/predict/price.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {

double chance_above(const QuantileValues& highest, double load) {
  // Below the median it is not known how likely more is; it costs nothing to take it as certain
  // where the median of the load is missed.
  if (load < highest[0]) return 1;
  for (size_t i = 1; i < kQuantileCount; ++i) {
    if (load >= highest[i]) continue;
    const double part = (load - highest[i - 1]) / (highest[i] - highest[i - 1]);
    return (1 - kQuantiles[i - 1]) * std::pow((1 - kQuantiles[i]) / (1 - kQuantiles[i - 1]), part);
  }
  // The tail goes on as it fell between the last two quantiles, 5 times as far.
  const double width = highest[kQuantileCount - 1] - highest[kQuantileCount - 2];
  const double rest = 1 - kQuantiles[kQuantileCount - 1];
  if (!(width > 0)) return load > highest[kQuantileCount - 1] ? 0 : rest;
  return rest * std::pow(0.2, (load - highest[kQuantileCount - 1]) / width);
}

int32_t instances_worth(const QuantileValues& highest, double rate_per_instance, double usual_size,
                        double price, int32_t most) {
  const double median = std::ceil(highest[0] / rate_per_instance);
  if (!(median < most)) return most;
  const auto least = static_cast<int32_t>(std::max(1.0, median));
  int32_t best = least;
  double best_cost = 0;
  for (int32_t n = least;; ++n) {
    const double chance = chance_above(highest, n * rate_per_instance);
    const double cost = n + price * usual_size * chance;
    if (n == least || cost < best_cost) {
      best = n;
      best_cost = cost;
    }
    // No larger n can be cheaper than its own instances.
    if (n + 1 >= best_cost || chance == 0 || n >= most) return best;
  }
}

}  // namespace autoscaler
