#pragma once

#include "controller/sim/chance.h"

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>

namespace autoscaler {

// Chance from a name, and the transform of Box and Muller (1958).
class Noise {
 public:
  explicit Noise(std::string_view seed) {
    state_ = 14695981039346656037ull;  // FNV-1a
    for (const char letter : seed)
      state_ = (state_ ^ static_cast<unsigned char>(letter)) * 1099511628211ull;
  }

  // In (0, 1).
  double uniform() { return (static_cast<double>(next_bits(state_) >> 11) + 0.5) * 0x1.0p-53; }
  // Mean 0, standard deviation 1.
  double normal() {
    const double radius = std::sqrt(-2 * std::log(uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  uint64_t state_;
};

}  // namespace autoscaler
