#pragma once

#include "controller/backtest/bench.h"

#include <string>
#include <vector>

namespace autoscaler {

inline double cost_of(const BenchRow& row) {  // instance-hours over the oracle's
  return row.score.instance_hours / row.oracle_hours;
}
inline double violating_of(const BenchRow& row) {  // share of the time
  return static_cast<double>(row.score.violating_s) / static_cast<double>(row.score.scored_s);
}

// Means over the traces: every trace counts the same.
struct FleetRow {
  std::string policy;
  int64_t lead_s = 0;
  double capacity_factor = 1;
  int traces = 0;
  double cost = 0;          // instance-hours over the oracle's
  double violating = 0;     // share of the time
  double worst = 0;         // the largest of these
  std::string worst_trace;  // whose it is
  double actions = 0;       // an hour
  double reversals = 0;     // an hour
};

// All policies over the same traces, and the rule by which they are compared: predict-V stands for
// us at one V of the sweep, with nothing between two of them.
class Fleet {
 public:
  explicit Fleet(const std::vector<BenchRow>& rows);

  // By lead, then in the order of the first trace.
  const std::vector<FleetRow>& rows() const { return rows_; }
  std::vector<int64_t> leads_s() const;
  // nullptr: it did not run.
  const FleetRow* find(const std::string& policy, int64_t lead_s, double capacity_factor = 1) const;
  // The V whose cost is the largest not above `cost`; nullptr: none is as cheap.
  const FleetRow* at_no_more_cost(double cost, int64_t lead_s) const;
  // The cheapest V that violates no more than this share; nullptr: none does.
  const FleetRow* at_no_more_violating(double violating, int64_t lead_s) const;

 private:
  std::vector<FleetRow> rows_;
};

}  // namespace autoscaler
