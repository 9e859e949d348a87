#include "policies/predict/error_budget.h"

#include "policies/learned_target.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

constexpr double kGain = 0.5;
// Of the budget: a month is short, and what it will bring is not known.
constexpr double kAim = 0.7;
constexpr double kLeastLog = -1.2040;  // a price of 0.3
constexpr double kMostLog = 5.7038;    // of 300
constexpr double kMostExcess = 8;      // beyond the highest price: no wind-up
constexpr double kHeadroomGain = 0.08;
constexpr double kSpentForgetting = 1.0 / (14 * 1440);
constexpr double kHourForgetting = 1.0 / 60;
constexpr double kDoubtForgetting = 1.0 / (7 * 1440);
constexpr double kDoubtGain = 0.3;      // one p95 may be past the SLO for any reason
constexpr double kLeastTrusted = 0.75;  // an estimate is not worse than that

}  // namespace

void ErrorBudget::count(double violated) {
  state_.spent += kSpentForgetting * (violated - state_.spent);
  state_.last_hour += kHourForgetting * (violated - state_.last_hour);
  state_.trusted += kDoubtForgetting * (1 - state_.trusted);
}

void ErrorBudget::move(double violated) {
  const double log = state_.log_price + kGain * (violated - kAim * budget_);
  state_.log_price = std::clamp(log, kLeastLog, kMostLog + kMostExcess);
}

void ErrorBudget::doubt_capacity(double share) {
  if (!(share < state_.trusted)) return;
  // What violated was past the capacity: trusted is what lies as far below it as instances are
  // filled to below one that is known.
  state_.trusted += kDoubtGain * (kFill * share - state_.trusted);
  state_.trusted = std::max(state_.trusted, kLeastTrusted);
}

double ErrorBudget::price() const {
  return std::exp(std::min(state_.log_price, kMostLog));
}

double ErrorBudget::headroom() const {
  return std::exp(kHeadroomGain * std::max(0.0, state_.log_price - kMostLog)) / state_.trusted;
}

}  // namespace autoscaler
