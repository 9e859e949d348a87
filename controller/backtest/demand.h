#pragma once

#include "controller/backtest/trace.h"

#include <cstdint>
#include <string>
#include <vector>

namespace autoscaler {

// What the service is asked to do, tick by tick: a trace scaled to the fixed world.
struct Demand {
  std::string name;
  int64_t start_s = 0;        // unix seconds, UTC, of the first tick
  std::vector<double> rates;  // requests per second
  std::vector<bool> in_gap;   // nothing was recorded here: served, but neither learned nor scored
  size_t first_scored = 0;    // the ticks before it are warm-up
  bool scaled_by_peak = false;

  size_t ticks() const { return rates.size(); }
  bool scored(size_t tick) const { return tick >= first_scored && !in_gap[tick]; }
  int64_t at_s(size_t tick) const;
};

// Scaled so that the 99.5th percentile of the values needs 40 instances, or the highest value where
// that percentile is 0; linear between rows; with noise whose seed is the name. It has ticks, and
// some of them are scored. kInvalid, without the trace's name: it is too short, has no load, or
// nothing was recorded where it is scored.
Result<Demand> demand_of(const Trace& trace);

}  // namespace autoscaler
