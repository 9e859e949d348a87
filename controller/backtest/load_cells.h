#pragma once

#include "controller/backtest/trace.h"
#include "policies/time.h"

#include <vector>

namespace autoscaler {

// A load in cells of the same length for everybody, whatever the interval of a controller: by them
// all are judged, and the oracle too.
struct LoadCell {
  static constexpr Duration kLength = std::chrono::seconds(15);
  Instant begins;
  Instant ends() const { return begins + kLength; }
  double demand = 0;    // requests per second, mean of its seconds
  bool scored = false;  // past the warm-up, and recorded
};

std::vector<LoadCell> cells_of(const Trace& load, Instant scored_from);

}  // namespace autoscaler
