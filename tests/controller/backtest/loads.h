#pragma once

#include "controller/backtest/demand.h"
#include "controller/backtest/fixed_world.h"
#include "controller/backtest/noise.h"
#include "controller/backtest/trace.h"

#include <cmath>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

// Loads of our own making.
namespace autoscaler::testing {

// Tick by tick in instances at 86 requests a second, from Monday 1970-01-05T00:00Z on, all scored.
inline Demand demand_in_instances(const std::vector<double>& instances) {
  Demand demand{.name = "made", .start_s = 4 * 86400, .rates = {}, .in_gap = {}};
  for (const double each : instances) demand.rates.push_back(each * 86);
  demand.in_gap.assign(instances.size(), false);
  return demand;
}

struct Synthetic {
  std::string name = "synthetic";
  int64_t days = 15;
  int64_t step_s = 60;
  double level = 100;
  double daily = 0.6;   // amplitude of the day, of the level
  double weekend = 1;   // the level of Saturday and Sunday
  double business = 1;  // the level from 8:00 to 20:00
  double noise = 0.05;
  int64_t flash_every = 0;  // minutes; 0: no flash crowds
};

// A day that looks like a day, with noise and crowds that come from the name alone.
inline Trace synthetic_trace(const Synthetic& made) {
  Trace trace{.name = made.name, .step_s = made.step_s, .rows = {}};
  Noise noise(made.name);
  for (int64_t at = 0; at < made.days * 86400; at += made.step_s) {
    const auto minute = static_cast<double>(at) / 60;
    const double day = std::sin(2 * std::numbers::pi * (minute / 1440 - 0.3));
    double value = made.level * (1 + made.daily * day);
    if (at / 86400 % 7 >= 5) value *= made.weekend;
    if (at / 3600 % 24 >= 8 && at / 3600 % 24 < 20) value *= made.business;
    if (made.flash_every > 0 && at / 60 % made.flash_every < 20 && at / 60 > made.flash_every)
      value *= 2;
    trace.rows.push_back({4 * 86400 + at, value * std::exp(made.noise * noise.normal())});
  }
  return trace;
}

}  // namespace autoscaler::testing
