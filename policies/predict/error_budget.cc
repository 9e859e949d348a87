#include "policies/predict/error_budget.h"

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

}  // namespace

void ErrorBudget::count(double violated) {
  state_.spent += kSpentForgetting * (violated - state_.spent);
  state_.last_hour += kHourForgetting * (violated - state_.last_hour);
}

void ErrorBudget::move(double violated) {
  const double log = state_.log_price + kGain * (violated - kAim * budget_);
  state_.log_price = std::clamp(log, kLeastLog, kMostLog + kMostExcess);
}

double ErrorBudget::price() const {
  return std::exp(std::min(state_.log_price, kMostLog));
}

double ErrorBudget::headroom() const {
  return std::exp(kHeadroomGain * std::max(0.0, state_.log_price - kMostLog));
}

}  // namespace autoscaler
