#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace autoscaler {

// Sees that the errors have stood on one side for too long (a two-sided CUSUM: Page, "Continuous
// inspection schemes", 1954).
class LevelShift {
 public:
  // One error in units of its spread. True: the level is another one now.
  bool learn(double error) {
    const double capped = std::clamp(error, -kMostError, kMostError);
    above_ = std::max(0.0, above_ + capped - kSlack);
    below_ = std::max(0.0, below_ - capped - kSlack);
    const bool shifted = above_ > kThreshold || below_ > kThreshold;
    if (shifted) above_ = below_ = 0;
    return shifted;
  }

 private:
  static constexpr double kSlack = 1.5;
  static constexpr double kThreshold = 12;
  static constexpr double kMostError = 6;
  double above_ = 0;
  double below_ = 0;
};

// A load that falls away at once is more likely an outage before us than a wish for less.
class OutageWatch {
 public:
  static constexpr int64_t kHoldMinutes = 15;

  // `load` of this minute beside what was usual just before, and what the time of day makes usual
  // now if that is known.
  void learn(int64_t minute, double load, double usual, std::optional<double> of_the_hour) {
    const bool expected = of_the_hour && *of_the_hour < 2 * kLost * usual;
    if (until_ < minute - kHoldMinutes && load < kLost * usual && !expected) {
      until_ = minute + kHoldMinutes;
      before_ = usual;
    } else if (suspected(minute) && load > 2 * kLost * before_) {
      until_ = minute;
    }
  }
  bool suspected(int64_t minute) const { return minute < until_; }

 private:
  static constexpr double kLost = 0.2;
  int64_t until_ = 0;
  double before_ = 0;  // what was usual before the last outage
};

}  // namespace autoscaler
