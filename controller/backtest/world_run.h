#pragma once

#include "controller/backtest/fixed_world.h"
#include "controller/backtest/fluid_queue.h"
#include "controller/backtest/noise.h"
#include "controller/backtest/world.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {

// The newest samples of one number, as they are seen late.
struct Late {
  static constexpr auto kDelay = static_cast<size_t>(fixed_world::kDelayTicks);
  double ring[8] = {};
  size_t next = 0;
  void push(double value) { ring[next++ % 8] = value; }
  // There is no new sample: the one before stands.
  void hold() { push(next > 0 ? ring[(next - 1) % 8] : 0); }
  double newest() const { return next > kDelay ? ring[(next - 1 - kDelay) % 8] : 0; }
  double mean() const {
    const size_t end = next > kDelay ? next - kDelay : 0;
    const size_t count = std::min<size_t>(end, fixed_world::kMeanTicks);
    double sum = 0;
    for (size_t i = end - count; i < end; ++i) sum += ring[i % 8];
    return count > 0 ? sum / static_cast<double>(count) : 0;
  }
};

inline void count_change(int32_t change, int32_t& direction, Score& score) {
  if (change == 0) return;
  const int32_t sign = change > 0 ? 1 : -1;
  ++score.actions;
  if (direction == -sign) ++score.reversals;
  direction = sign;
}

// One policy through a demand, tick by tick, on a fleet:
//   size(), serving(tick)       instances asked for, and those of them that serve
//   resize(size, tick)          what the policy wants
//   capacity(tick)              of those that serve, in instances as they should be
//   paid(tick)                  once for each tick, in order
//   is_seen(tick)               the sample of that tick can be read
//   comes_again(gone)           of the requests that went away, those that come with the next tick
template <typename Fleet>
Score run_on(Fleet& fleet, const Demand& demand, Contender& contender) {
  using namespace fixed_world;
  FluidQueue queue;
  Noise noise(demand.name + " cpu");
  Late rate;
  Late backlog;
  Late cpu;
  Late violated;
  double again = 0;  // requests per second on top of the demand
  Score score;
  int32_t direction = 0;
  for (size_t tick = 0; tick < demand.ticks(); ++tick) {
    Sight sight{.tick = tick,
                .at_s = demand.at_s(tick),
                .size = fleet.size(),
                .serving = fleet.serving(tick)};
    if (tick > kDelayTicks && fleet.is_seen(tick - 1 - kDelayTicks)) sight.rate = rate.newest();
    sight.in_gap = tick > kDelayTicks && demand.in_gap[tick - 1 - kDelayTicks];
    sight.rate_mean = rate.mean();
    sight.backlog = backlog.newest();
    sight.cpu_mean = std::clamp(cpu.mean() * (1 + kCpuNoise * noise.normal()), 0.0, 1.0);
    sight.violated = violated.newest() > 0;
    const int32_t wanted = std::clamp(contender.wants(sight), 1, kLargestSize);
    const bool scored = demand.scored(tick);
    if (scored) count_change(wanted - fleet.size(), direction, score);
    fleet.resize(wanted, tick);

    const double load = demand.rates[tick] + std::min(again, demand.rates[tick] / 2);
    const FluidQueue::Tick served = queue.serve(load, fleet.capacity(tick));
    again = fleet.comes_again(served.gone) / kTickSeconds;
    if (fleet.is_seen(tick)) {
      rate.push(load);
      backlog.push(queue.backlog());
      cpu.push(served.utilisation);
      violated.push(served.violated ? 1 : 0);
    } else {
      for (Late* each : {&rate, &backlog, &cpu, &violated}) each->hold();
    }
    const size_t paid = fleet.paid(tick);
    if (!scored) continue;
    score.scored_s += kTickSeconds;
    score.instance_hours += static_cast<double>(paid) * kTickSeconds / 3600;
    if (served.violated) score.violating_s += kTickSeconds;
  }
  return score;
}

}  // namespace autoscaler
