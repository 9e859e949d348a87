#include "controller/backtest/world.h"

#include "controller/backtest/fixed_world.h"
#include "controller/backtest/oracle.h"
#include "controller/backtest/world_run.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {

using namespace fixed_world;

namespace {

int32_t instances_for(double rate, double of_each) {
  return static_cast<int32_t>(std::clamp(std::ceil(rate / of_each), 1.0, double{kLargestSize}));
}

// Instances in the order of their launch.
class PlainFleet {
 public:
  // What the first load needs stands there from the beginning, ready.
  PlainFleet(const Demand& demand, int64_t lead_s)
      : lead_(static_cast<size_t>(lead_s / kTickSeconds)),
        ready_at_(static_cast<size_t>(first_size(demand)), 0) {}

  void resize(int32_t size, size_t tick) {
    const auto wanted = static_cast<size_t>(size);
    while (ready_at_.size() < wanted) ready_at_.push_back(tick + lead_);
    size_t drained = 0;
    while (ready_at_.size() > wanted) {
      if (ready_at_.back() <= tick) ++drained;
      ready_at_.pop_back();
    }
    serving_ = std::min(serving_, ready_at_.size());
    // The ring of the ticks to come in which those that drain are paid.
    for (size_t i = 0; i < kDrainTicks; ++i) draining_[(tick + i) % kDrainTicks] += drained;
  }
  int32_t serving(size_t tick) {
    while (serving_ < ready_at_.size() && ready_at_[serving_] <= tick) ++serving_;
    return static_cast<int32_t>(serving_);
  }
  int32_t size() const { return static_cast<int32_t>(ready_at_.size()); }
  double capacity(size_t tick) { return serving(tick); }
  static bool is_seen(size_t /*tick*/) { return true; }
  static double comes_again(double /*gone*/) { return 0; }
  // Once for each tick, in order.
  size_t paid(size_t tick) {
    return ready_at_.size() + std::exchange(draining_[tick % kDrainTicks], 0);
  }

 private:
  static constexpr size_t kDrainTicks = kDrainSeconds / kTickSeconds;
  size_t lead_;
  std::vector<size_t> ready_at_;  // ascending
  size_t serving_ = 0;
  size_t draining_[kDrainTicks] = {};
};

}  // namespace

std::vector<int32_t> needed_instances(const Demand& demand) {
  const double rate = rate_at_slo();
  std::vector<int32_t> needed;
  needed.reserve(demand.ticks());
  for (const double each : demand.rates) needed.push_back(instances_for(each, rate));
  return needed;
}

int32_t first_size(const Demand& demand) {
  return instances_for(demand.rates.front(), rate_at_slo());
}

Score run_world(const Demand& demand, int64_t lead_s, Contender& contender) {
  PlainFleet fleet(demand, lead_s);
  return run_on(fleet, demand, contender);
}

Score run_oracle(const Demand& demand, int64_t lead_s) {
  const std::vector<int32_t> needed = needed_instances(demand);
  const auto paid = oracle_paid(needed, static_cast<size_t>(lead_s / kTickSeconds),
                                static_cast<size_t>(kDrainSeconds / kTickSeconds));
  Score score;
  int32_t direction = 0;
  for (size_t tick = 0; tick < demand.ticks(); ++tick) {
    if (!demand.scored(tick)) continue;
    if (tick > 0) count_change(paid[tick] - paid[tick - 1], direction, score);
    score.scored_s += kTickSeconds;
    score.instance_hours += paid[tick] * kTickSeconds / 3600.0;
    if (demand.rates[tick] > kLargestSize * rate_at_slo()) score.violating_s += kTickSeconds;
  }
  return score;
}

}  // namespace autoscaler
