#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace autoscaler {

// Any number as a count of instances: [0, 2^31 - 1], NaN is 0.
inline int32_t to_count(double number) {
  if (!(number > 0)) return 0;
  return static_cast<int32_t>(
      std::min(number, static_cast<double>(std::numeric_limits<int32_t>::max())));
}

inline int32_t to_count(int64_t number) {
  return static_cast<int32_t>(std::clamp<int64_t>(number, 0, std::numeric_limits<int32_t>::max()));
}

// What binary fractions lose: 0.715 / 0.65 is 1.0999999999999999, and 3 x 0.1 / 0.1 is
// 3.0000000000000004, which must not order a fourth instance.
inline constexpr double kRounding = 1e-9;

// Instances that carry `demand`, in units of one instance.
inline int32_t ceil_count(double demand) {
  if (std::isinf(demand)) return to_count(demand);
  return to_count(std::ceil(demand - kRounding * std::max(1.0, demand)));
}

inline int64_t saturating_add(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return a < 0 ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
}

}  // namespace autoscaler
