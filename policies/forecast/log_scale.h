#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace autoscaler {

// Loads are forecast as logarithms, in which a doubling is the same step at any size. The floor, a
// share of the peak, keeps the logarithm from blowing up near zero: below it a difference counts as
// what it is in instances, not in ratios.
struct LogScale {
  static constexpr double kFloorOfPeak = 0.05;
  static constexpr double kSteps = 2048;  // of a packed number, in one unit of the logarithm

  double floor = 0;      // in the unit of the load; 0: nothing seen yet
  double reference = 0;  // the logarithm that is packed as the middle

  double to_log(double load) const { return std::log(load + floor); }
  double to_load(double log) const { return std::max(0.0, std::exp(log) - floor); }

  // In 16 bits: 16 units up and down, to 1/2048 (0.05 %). 0 is kept for "none".
  uint16_t pack(double log) const {
    const double steps = std::round((log - reference) * kSteps) + 32768;
    return static_cast<uint16_t>(std::clamp(steps, 1.0, 65535.0));
  }
  double unpack(uint16_t packed) const { return (packed - 32768.0) / kSteps + reference; }
};

}  // namespace autoscaler
