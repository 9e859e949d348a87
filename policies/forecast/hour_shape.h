#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace autoscaler {

// What usually comes after a minute of the hour: jobs start at :00, every five or ten minutes, and
// what is recorded every five minutes changes at its steps. Learned over some 30 hours.
class HourShape {
 public:
  HourShape() { unrest_.fill(1); }

  // How far the highest load is above the fast level then, in logarithms.
  double rise(int64_t minute) const { return rise_[slot_of(minute)]; }
  // How large the errors are then, over the usual ones.
  double unrest(int64_t minute) const { return unrest_[slot_of(minute)]; }

  // `most`: what one hour can say, in logarithms.
  void learn(int64_t minute, double rise, double most, double unrest) {
    const auto follow = [](float& mean, double value) {
      mean += kGain * (static_cast<float>(value) - mean);
    };
    follow(rise_[slot_of(minute)], std::clamp(rise, -most, most));
    follow(unrest_[slot_of(minute)], std::min(unrest, kMostUnrest));
  }

 private:
  static constexpr float kGain = 0.03f;
  static constexpr double kMostUnrest = 6;
  static size_t slot_of(int64_t minute) { return static_cast<size_t>(minute % 60); }

  std::array<float, 60> rise_{};
  std::array<float, 60> unrest_;
};

}  // namespace autoscaler
