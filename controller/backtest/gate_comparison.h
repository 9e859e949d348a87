#pragma once

#include "controller/backtest/world.h"

#include <cstdint>
#include <string>
#include <vector>

namespace autoscaler {

// An error budget of 0.5 % behind the gate of its forecast, as it is live; the rows of the bench
// are those of forecasts that always act.
struct GateComparison {
  std::string trace;
  int64_t lead_s = 0;
  double shut = 0;  // share of the scored ticks at which the gate was shut
  Score open;       // forecasts always act
  Score newest;     // the newest minute stands in for them while the gate is shut
  Score absent;     // nothing does
  double oracle_hours = 0;
};

std::vector<GateComparison> compare_gates(const Demand& demand,
                                          const std::vector<int64_t>& leads_s);

// A table for each lead: of each trace, and the mean.
std::string gate_report(const std::vector<GateComparison>& all);

}  // namespace autoscaler
