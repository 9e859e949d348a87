#include "controller/backtest/world.h"

#include "controller/backtest/fixed_world.h"
#include "controller/backtest/fluid_queue.h"
#include "controller/backtest/noise.h"
#include "controller/backtest/oracle.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {

using namespace fixed_world;

namespace {

// Instances in the order of their launch.
class SimulatedFleet {
 public:
  explicit SimulatedFleet(size_t lead_ticks) : lead_(lead_ticks) {}

  // How many stand there from the beginning, ready.
  void start_with(int32_t size) { ready_at_.assign(static_cast<size_t>(size), 0); }

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

// The newest samples of one number, as they are seen late.
struct Late {
  double ring[8] = {};
  size_t next = 0;
  void push(double value) { ring[next++ % 8] = value; }
  double newest() const { return next > kDelayTicks ? ring[(next - 1 - kDelayTicks) % 8] : 0; }
  double mean() const {
    const size_t end = next > kDelayTicks ? next - kDelayTicks : 0;
    const size_t count = std::min<size_t>(end, kMeanTicks);
    double sum = 0;
    for (size_t i = end - count; i < end; ++i) sum += ring[i % 8];
    return count > 0 ? sum / static_cast<double>(count) : 0;
  }
};

void count_change(int32_t change, int32_t& direction, Score& score) {
  if (change == 0) return;
  const int32_t sign = change > 0 ? 1 : -1;
  ++score.actions;
  if (direction == -sign) ++score.reversals;
  direction = sign;
}

}  // namespace

std::vector<int32_t> needed_instances(const Demand& demand) {
  const double rate = rate_at_slo();
  std::vector<int32_t> needed;
  needed.reserve(demand.ticks());
  for (const double each : demand.rates) {
    needed.push_back(std::max(1, static_cast<int32_t>(std::ceil(each / rate))));
  }
  return needed;
}

Score run_world(const Demand& demand, int64_t lead_s, Contender& contender) {
  SimulatedFleet fleet(static_cast<size_t>(lead_s / kTickSeconds));
  fleet.start_with(std::max(1, static_cast<int32_t>(std::ceil(demand.rates[0] / rate_at_slo()))));
  FluidQueue queue;
  Noise noise(demand.name + " cpu");
  Late rate;
  Late backlog;
  Late cpu;
  Late violated;
  Score score;
  int32_t direction = 0;
  for (size_t tick = 0; tick < demand.ticks(); ++tick) {
    Sight sight{.tick = tick,
                .at_s = demand.at_s(tick),
                .size = fleet.size(),
                .serving = fleet.serving(tick)};
    if (tick > kDelayTicks) {
      sight.rate = rate.newest();
      sight.in_gap = demand.in_gap[tick - 1 - kDelayTicks];
    }
    sight.rate_mean = rate.mean();
    sight.backlog = backlog.newest();
    sight.cpu_mean = std::clamp(cpu.mean() * (1 + kCpuNoise * noise.normal()), 0.0, 1.0);
    sight.violated = violated.newest() > 0;
    const int32_t wanted = std::clamp(contender.wants(sight), 1, kLargestSize);
    const bool scored = demand.scored(tick);
    if (scored) count_change(wanted - fleet.size(), direction, score);
    fleet.resize(wanted, tick);

    const FluidQueue::Tick served = queue.serve(demand.rates[tick], fleet.serving(tick));
    rate.push(demand.rates[tick]);
    backlog.push(queue.backlog());
    cpu.push(served.utilisation);
    violated.push(served.violated ? 1 : 0);
    const size_t paid = fleet.paid(tick);
    if (!scored) continue;
    score.scored_s += kTickSeconds;
    score.instance_hours += static_cast<double>(paid) * kTickSeconds / 3600;
    if (served.violated) score.violating_s += kTickSeconds;
  }
  return score;
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
  }
  return score;
}

}  // namespace autoscaler
