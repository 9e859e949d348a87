#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace autoscaler {

// What looks like chance and is the same on every machine: splitmix64 (Steele, Lea and Flood,
// 2014). The state is all there is of a sequence.
inline uint64_t next_bits(uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

// In [0, 1).
inline double draw(uint64_t& state) {
  return static_cast<double>(next_bits(state) >> 11) * 0x1.0p-53;
}

inline double draw_exponential(double mean, uint64_t& state) {
  return -mean * std::log(1 - draw(state));
}

// A factor around 1 with this standard deviation, `least` at least: the sum of twelve draws is
// nearly normal, with variance 1.
inline double draw_factor(double deviation, double least, uint64_t& state) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += draw(state);
  return std::max(least, 1 + deviation * sum);
}

}  // namespace autoscaler
