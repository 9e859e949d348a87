#include "controller/backtest/fleet.h"

#include <algorithm>

namespace autoscaler {
namespace {

void add(const BenchRow& row, FleetRow& to) {
  const double hours = static_cast<double>(row.score.scored_s) / 3600;
  const double violating = violating_of(row);
  if (to.traces == 0 || violating > to.worst) {
    to.worst = violating;
    to.worst_trace = row.trace;
  }
  ++to.traces;
  to.cost += cost_of(row);
  to.violating += violating;
  to.actions += static_cast<double>(row.score.actions) / hours;
  to.reversals += static_cast<double>(row.score.reversals) / hours;
}

bool is_of_sweep(const FleetRow& row, int64_t lead_s) {
  return row.lead_s == lead_s && row.policy.rfind("predict-", 0) == 0;
}

}  // namespace

Fleet::Fleet(const std::vector<BenchRow>& rows) {
  for (const BenchRow& row : rows) {
    auto found = std::find_if(rows_.begin(), rows_.end(), [&row](const FleetRow& each) {
      return each.policy == row.policy && each.lead_s == row.lead_s &&
             each.capacity_factor == row.capacity_factor;
    });
    if (found == rows_.end()) {
      FleetRow& made = rows_.emplace_back();
      made.policy = row.policy;
      made.lead_s = row.lead_s;
      made.capacity_factor = row.capacity_factor;
      found = rows_.end() - 1;
    }
    add(row, *found);
  }
  for (FleetRow& each : rows_) {
    for (double* sum : {&each.cost, &each.violating, &each.actions, &each.reversals}) {
      *sum /= each.traces;
    }
  }
  std::stable_sort(rows_.begin(), rows_.end(),
                   [](const FleetRow& a, const FleetRow& b) { return a.lead_s < b.lead_s; });
}

std::vector<int64_t> Fleet::leads_s() const {
  std::vector<int64_t> leads;
  for (const FleetRow& row : rows_) {
    if (leads.empty() || leads.back() != row.lead_s) leads.push_back(row.lead_s);
  }
  return leads;
}

const FleetRow* Fleet::find(const std::string& policy, int64_t lead_s,
                            double capacity_factor) const {
  const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const FleetRow& row) {
    return row.policy == policy && row.lead_s == lead_s && row.capacity_factor == capacity_factor;
  });
  return found == rows_.end() ? nullptr : &*found;
}

const FleetRow* Fleet::at_no_more_cost(double cost, int64_t lead_s) const {
  const FleetRow* best = nullptr;
  for (const FleetRow& row : rows_) {
    if (!is_of_sweep(row, lead_s) || row.cost > cost) continue;
    if (best == nullptr || row.cost > best->cost) best = &row;
  }
  return best;
}

const FleetRow* Fleet::at_no_more_violating(double violating, int64_t lead_s) const {
  const FleetRow* best = nullptr;
  for (const FleetRow& row : rows_) {
    if (!is_of_sweep(row, lead_s) || row.violating > violating) continue;
    if (best == nullptr || row.cost < best->cost) best = &row;
  }
  return best;
}

}  // namespace autoscaler
