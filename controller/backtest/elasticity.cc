#include "controller/backtest/elasticity.h"

#include <algorithm>

namespace autoscaler {
namespace {

constexpr double kHour = 3600;

int32_t sign(int32_t number) {
  return (number > 0) - (number < 0);
}

}  // namespace

void Elasticity::count(Duration step, int32_t needed, int32_t supply, double paid, bool violating) {
  const double seconds = std::chrono::duration<double>(step).count();
  seconds_ += seconds;
  paid_ += seconds * paid;
  const auto missing = static_cast<double>(std::max(0, needed - supply));
  const auto surplus = static_cast<double>(std::max(0, supply - needed));
  under_ += seconds * missing / needed;
  over_ += seconds * surplus / needed;
  under_time_ += missing > 0 ? seconds : 0;
  over_time_ += surplus > 0 ? seconds : 0;
  violating_ += violating ? seconds : 0;

  hour_seconds_ += seconds;
  hour_violating_ += violating ? seconds : 0;
  if (hour_seconds_ >= kHour) {
    worst_hour_ = std::max(worst_hour_, hour_violating_ / hour_seconds_);
    hour_seconds_ = hour_violating_ = 0;
  }

  if (begun_ && sign(needed - last_needed_) != sign(supply - last_supply_)) unstable_ += seconds;
  begun_ = true;
  last_needed_ = needed;
  last_supply_ = supply;
}

void Elasticity::count_requests(double requests, double failed) {
  requests_ += requests;
  failed_ += failed;
}

void Elasticity::count_change(int32_t change) {
  if (change == 0) return;
  ++actions_;
  if (direction_ == -sign(change)) ++turns_;
  direction_ = sign(change);
}

double Elasticity::worst_hour_share() const {
  return std::max(worst_hour_, hour_seconds_ > 0 ? hour_violating_ / hour_seconds_ : 0);
}

double Elasticity::an_hour(int64_t count) const {
  return seconds_ > 0 ? static_cast<double>(count) / (seconds_ / kHour) : 0;
}

}  // namespace autoscaler
