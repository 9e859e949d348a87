#include "policies/predict/error_budget.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

constexpr double kGain = 0.5;
constexpr double kAim =
    0.7;  // of the budget: a month is short, and what it will bring is not known
constexpr double kLeastLog = -1.2040;  // a price of 0.3
constexpr double kMostLog = 5.7038;    // of 300
constexpr double kMostExcess = 8;      // beyond the highest price: no wind-up
constexpr double kHeadroomGain = 0.08;
constexpr double kSpentForgetting = 1.0 / (14 * 1440);

}  // namespace

void ErrorBudget::learn(double violated) {
  log_price_ += kGain * (violated - kAim * budget_);
  log_price_ = std::clamp(log_price_, kLeastLog, kMostLog + kMostExcess);
  spent_ += kSpentForgetting * (violated - spent_);
}

double ErrorBudget::price() const {
  return std::exp(std::min(log_price_, kMostLog));
}

double ErrorBudget::headroom() const {
  return std::exp(kHeadroomGain * std::max(0.0, log_price_ - kMostLog));
}

}  // namespace autoscaler
