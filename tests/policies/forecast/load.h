#pragma once

#include "policies/forecast/forecaster.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>
#include <functional>
#include <numbers>
#include <random>

namespace autoscaler::testing {

inline constexpr int64_t kMonday = 29'000'160 / 10080 * 10080 + 4 * 1440;  // unix minutes

// A day between 40 and 160, highest at 18:00.
inline double daily_load(int64_t minute) {
  return 100 - 60 * std::sin(2 * std::numbers::pi * static_cast<double>(minute % 1440) / 1440);
}

using Load = std::function<std::optional<double>(int64_t minute)>;

// Feeds minutes; what came after each forecast is compared with it, from `skip` minutes on.
class Rolling {
 public:
  explicit Rolling(int64_t lead, int64_t hold = 8) : forecaster(lead, hold), lead_(lead) {}

  void run(const Load& load, int64_t minutes, int64_t skip = 0) {
    for (int64_t i = 0; i < minutes; ++i, ++now) {
      const auto value = load(now);
      forecaster.learn(now, value, {});
      loads_.push_back(value.value_or(-1));
      const auto expectation = forecaster.expect(Forecaster::Reach::kLead);
      if (i >= skip && expectation) pending_.push_back({now, expectation->highest});
      while (!pending_.empty() && pending_.front().first + lead_ <= now) count();
    }
  }
  // The share of minutes whose highest load was at or below the quantile.
  double coverage(size_t quantile) const { return covered_[quantile] / counted_; }

  Forecaster forecaster;
  int64_t now = kMonday;

 private:
  void count() {
    const auto [origin, highest] = pending_.front();
    pending_.pop_front();
    const auto end = loads_.end() - (now - origin - lead_);
    const double truth = *std::max_element(end - lead_, end);
    for (size_t i = 0; i < kQuantileCount; ++i) covered_[i] += truth <= highest[i] ? 1 : 0;
    ++counted_;
  }

  int64_t lead_;
  std::deque<double> loads_;
  std::deque<std::pair<int64_t, QuantileValues>> pending_;
  QuantileValues covered_{};
  double counted_ = 0;
};

// The same on every machine, unlike the standard's distributions.
class Chance {
 public:
  explicit Chance(uint64_t seed) : engine_(seed) {}
  double uniform() { return (static_cast<double>(engine_() >> 11) + 0.5) * 0x1.0p-53; }
  double normal() {
    return std::sqrt(-2 * std::log(uniform())) * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace autoscaler::testing
