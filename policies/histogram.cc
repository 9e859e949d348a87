#include "policies/histogram.h"

#include <cmath>

namespace autoscaler {

bool well_formed(const BucketRates& histogram) {
  const auto& bounds = histogram.bounds;
  if (bounds.size() < 2 || bounds.size() != histogram.rates.size()) return false;
  if (!std::isinf(bounds.back()) || bounds.back() < 0) return false;
  for (size_t i = 1; i < bounds.size(); ++i) {
    if (!(bounds[i - 1] < bounds[i])) return false;
  }
  return true;
}

std::optional<double> quantile_of(std::span<const double> bounds, std::span<const double> rates,
                                  double quantile) {
  double total = 0;
  for (const double rate : rates) total += rate;
  if (!(total > 0)) return std::nullopt;

  const double rank = quantile * total;
  const size_t last = bounds.size() - 1;
  size_t bucket = 0;
  double below = 0;  // what the buckets before this one hold
  while (bucket < last && below + rates[bucket] < rank) below += rates[bucket++];

  if (bucket == last) return bounds[last - 1];
  if (bucket == 0 && bounds[0] <= 0) return bounds[0];
  const double start = bucket == 0 ? 0 : bounds[bucket - 1];
  if (!(rates[bucket] > 0)) return start;
  return start + (bounds[bucket] - start) * ((rank - below) / rates[bucket]);
}

}  // namespace autoscaler
