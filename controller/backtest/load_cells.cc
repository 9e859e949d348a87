#include "controller/backtest/load_cells.h"

namespace autoscaler {

std::vector<LoadCell> cells_of(const Trace& load, Instant scored_from) {
  constexpr int64_t kSeconds = std::chrono::floor<std::chrono::seconds>(LoadCell::kLength).count();
  std::vector<LoadCell> cells;
  const int64_t ends_s = load.rows.back().at_s + load.step_s;
  size_t cursor = 0;
  for (int64_t at_s = load.rows.front().at_s; at_s + kSeconds <= ends_s; at_s += kSeconds) {
    LoadCell cell{.begins = Instant(std::chrono::seconds(at_s))};
    for (int64_t second = at_s; second < at_s + kSeconds; ++second) {
      cell.demand += value_at(load, static_cast<double>(second), cursor) / kSeconds;
    }
    const bool recorded = is_recorded(load, at_s + kSeconds - 1, cursor);
    cell.scored = cell.begins >= scored_from && recorded;
    cells.push_back(cell);
  }
  return cells;
}

}  // namespace autoscaler
