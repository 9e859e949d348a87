#pragma once

#include "controller/backtest/rehearsal.h"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace autoscaler {

inline constexpr int32_t kMostRecommended = 10'000;  // instances

// A policy found by trying: the cheapest of the candidates that kept to the budget.
struct RecommendedPolicy {
  std::string yaml;                      // a config; what only the user knows is marked in it
  std::shared_ptr<const Config> config;  // the same
  std::vector<std::string> because;      // what was found in the load, a line each
  bool within_budget = false;            // false: no candidate was; this one violates least
  std::vector<Rehearsal> tried;          // all candidates, the chosen one first
};

// Candidates are `track` at several shares of what an instance carries within the promise, alone,
// above a schedule of the hours that were busy in the warm-up, and with `predict` beside it; and an
// error budget with no policies. More than plain `track` is only proposed where it saves a
// twentieth of the cost. All of the load in `setting` is looked at: what is to prove the choice
// comes after it. `budget`: the share of the time that may violate. `progress` is told how many of
// how many.
RecommendedPolicy recommend(const Setting& setting, double budget,
                            const std::function<void(size_t, size_t)>& progress);

// The hours of the day (UTC) between which a load is high, and how high: from the highest load of
// each hour. nullopt: there are none, or all are.
struct BusyHours {
  int32_t from = 0;   // hour
  int32_t hours = 0;  // 1 .. 23
  double peak = 0;    // the least of their hours' peaks
};
std::optional<BusyHours> busy_hours(const std::array<double, 24>& peaks);

}  // namespace autoscaler
