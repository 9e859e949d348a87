#include "controller/backtest/trace_comparison.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace autoscaler {
namespace {

const BenchRow* row_of(const std::vector<BenchRow>& rows, const std::string& trace,
                       const FleetRow& like) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const BenchRow& row) {
    return row.trace == trace && row.policy == like.policy && row.lead_s == like.lead_s &&
           row.capacity_factor == like.capacity_factor;
  });
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace

double change_of(double ours, double rivals) {
  if (rivals > 0) return ours / rivals - 1;
  return ours > 0 ? HUGE_VAL : 0;
}

std::vector<TraceComparison> traces_at(const std::vector<BenchRow>& rows, const FleetRow& rival,
                                       const FleetRow& ours) {
  std::vector<TraceComparison> traces;
  for (const BenchRow& row : rows) {
    if (row.policy != rival.policy || row.lead_s != rival.lead_s) continue;
    traces.push_back({row.trace, &row, row_of(rows, row.trace, ours)});
  }
  return traces;
}

std::vector<TraceComparison> traces_at_own_cost(const std::vector<BenchRow>& rows,
                                                const FleetRow& rival) {
  std::vector<TraceComparison> traces;
  for (const BenchRow& row : rows) {
    if (row.policy != rival.policy || row.lead_s != rival.lead_s) continue;
    std::vector<BenchRow> own;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(own),
                 [&row](const BenchRow& each) { return each.trace == row.trace; });
    const Fleet alone(own);
    const FleetRow* ours = alone.at_no_more_cost(cost_of(row), row.lead_s);
    traces.push_back({row.trace, &row, ours != nullptr ? row_of(rows, row.trace, *ours) : nullptr});
  }
  return traces;
}

std::optional<double> median_change(const std::vector<TraceComparison>& traces) {
  std::vector<double> changes;
  for (const TraceComparison& each : traces) {
    if (each.ours == nullptr) continue;
    changes.push_back(change_of(violating_of(*each.ours), violating_of(*each.rival)));
  }
  if (changes.empty()) return std::nullopt;
  std::sort(changes.begin(), changes.end());
  const size_t middle = changes.size() / 2;
  return changes.size() % 2 == 1 ? changes[middle] : (changes[middle - 1] + changes[middle]) / 2;
}

}  // namespace autoscaler
