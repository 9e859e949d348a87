#pragma once

#include "controller/backtest/bench.h"
#include "controller/backtest/fleet.h"

#include <optional>
#include <string>
#include <vector>

namespace autoscaler {

// Ours beside a rival, trace by trace.
struct TraceComparison {
  std::string trace;
  const BenchRow* rival = nullptr;
  const BenchRow* ours = nullptr;  // nullptr: no V is as cheap on this trace
};
// With the V of the fleet on every trace.
std::vector<TraceComparison> traces_at(const std::vector<BenchRow>& rows, const FleetRow& rival,
                                       const FleetRow& ours);
// With the V of each trace whose cost on it is the largest not above the rival's.
std::vector<TraceComparison> traces_at_own_cost(const std::vector<BenchRow>& rows,
                                                const FleetRow& rival);

// -0.4: two fifths less. What the rival has none of is endlessly more, and no change where we have
// none either.
double change_of(double ours, double rivals);
// Median of the changes of violating time. nullopt: there is no trace with both.
std::optional<double> median_change(const std::vector<TraceComparison>& traces);

}  // namespace autoscaler
