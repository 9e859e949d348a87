#pragma once

#include "policies/capacity_learner.h"
#include "policies/queueing.h"
#include "tests/policies/scene_builder.h"

#include <cmath>
#include <random>

namespace autoscaler::testing {

// Instances that are M/M/k stations of a known capacity, watched for days: a sample every half
// minute, p95 as the formula has it times log-normal noise.
class SimulatedService {
 public:
  explicit SimulatedService(Station station, double noise = 0.1, uint32_t seed = 1)
      : station_(station), noise_(noise), random_(seed) {}

  static constexpr Duration kEvery = 30s;

  double slo() const { return slo_; }
  double truth() const {
    return requests_per_second_at(station_, *utilisation_at_slo(station_, slo_));
  }
  CapacityState& state() { return state_; }
  Instant now() const { return now_; }
  Capacity capacity() const { return capacity_of(state_, slo_, now_); }

  // From now on the same requests take so many times longer.
  void slow_down(double times) {
    station_.service_seconds *= times;
    station_.service_p95_seconds *= times;
  }
  // From now on all answers take so much longer, whatever the load.
  void depend_on_something_slow(double seconds) { extra_seconds_ = seconds; }

  // One sample at this load per instance. An overloaded instance answers after ten SLOs: then its
  // clients have given up.
  void serve(double load) {
    now_ += kEvery;
    const double utilisation = utilisation_of(station_, load);
    double p95 = std::min(p95_seconds(station_, utilisation), 10 * slo_) + extra_seconds_;
    p95 *= std::exp(noise_ * normal());
    learn_sample({load, p95, cpu_ ? std::optional(std::min(1.0, utilisation)) : std::nullopt}, slo_,
                 now_, state_);
  }
  // Days of a load between a seventh and `highest` per instance, twice up and down a day.
  void live(double days, double highest) {
    const auto samples = static_cast<int>(days * 86400 / 30);
    for (int i = 0; i < samples; ++i) {
      const double wave = 0.5 - 0.5 * std::cos(4 * M_PI * i / 2880);
      serve(highest * (0.15 + 0.85 * wave) * std::exp(0.03 * normal()));
    }
  }

 private:
  double normal() { return std::normal_distribution<double>(0, 1)(random_); }

  Station station_;
  double slo_ = 6 * station_.service_seconds;
  double noise_;
  double extra_seconds_ = 0;
  bool cpu_ = false;
  std::mt19937 random_;
  Instant now_ = kStart;
  CapacityState state_;
};

inline Station station(double service_seconds, int32_t workers) {
  return {workers, service_seconds, 2.2 * service_seconds, 1};
}

}  // namespace autoscaler::testing
