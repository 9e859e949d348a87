#pragma once

#include "policies/signal.h"

#include <optional>
#include <span>

namespace autoscaler {

// The quantile (0..1) of a histogram by linear interpolation within the bucket that holds it, with
// the rules of PromQL's histogram_quantile:
//   - the first bucket starts at 0 when its bound is above 0; otherwise the answer is its bound;
//   - a quantile in the +Inf bucket is the highest finite bound: more cannot be known.
// `rates[i]` counts what fell in (bounds[i-1], bounds[i]]; bounds ascend and end with +Inf, at
// least two of them. nullopt: nothing was observed.
//
//   bounds 0.1, 0.5, +Inf; rates 50, 40, 10; quantile 0.8: rank 80 lies 30 of 40 into (0.1, 0.5],
//   so 0.1 + 0.4 x 0.75 = 0.4.
std::optional<double> quantile_of(std::span<const double> bounds, std::span<const double> rates,
                                  double quantile);

// Whether quantile_of can read it.
bool well_formed(const BucketRates& histogram);

}  // namespace autoscaler
