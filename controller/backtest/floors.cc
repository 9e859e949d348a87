#include "controller/backtest/floors.h"

#include <algorithm>

namespace autoscaler {
namespace {

constexpr int64_t kHour = 3600;
constexpr int64_t kHoursADay = 24;
constexpr int64_t kHoursAWeek = 168;
constexpr int64_t kRefreshHours = 6;
constexpr int64_t kPlannedHours = 48;
constexpr int64_t kBufferSeconds = 300;

size_t hour_of_day(int64_t at_s) {
  return static_cast<size_t>(at_s / kHour % kHoursADay);
}

}  // namespace

void HourOfDayPeak::learn(int64_t at_s, double rate) {
  double& peak = peaks_[hour_of_day(at_s)];
  peak = std::max(peak, rate);
}

double HourOfDayPeak::floor(int64_t at_s, int64_t lead_s) const {
  return std::max(peaks_[hour_of_day(at_s)], peaks_[hour_of_day(at_s + lead_s)]);
}

void HourlyPlan::add(int64_t at_s, double rate) {
  if (!first_hour_) first_hour_ = at_s / kHour;
  const auto hour = static_cast<size_t>(at_s / kHour - *first_hour_);
  if (hour >= sums_.size()) {
    sums_.resize(hour + 1);
    counts_.resize(hour + 1);
    floors_.resize(hour + 1 + kPlannedHours);
  }
  sums_[hour] += rate;
  ++counts_[hour];
}

double HourlyPlan::floor(int64_t at_s) {
  if (!first_hour_) return 0;
  const int64_t now = at_s / kHour - *first_hour_;
  if (!planned_at_ || now >= *planned_at_ + kRefreshHours) plan(now);
  const int64_t soon = (at_s + kBufferSeconds) / kHour - *first_hour_;
  return std::max(floors_[static_cast<size_t>(now)], floors_[static_cast<size_t>(soon)]);
}

std::optional<double> HourlyPlan::mean_of(int64_t hour, int64_t now) const {
  if (hour < 0 || hour >= now) return std::nullopt;
  const auto index = static_cast<size_t>(hour);
  if (counts_[index] == 0) return std::nullopt;
  return sums_[index] / static_cast<double>(counts_[index]);
}

void HourlyPlan::plan(int64_t now) {
  planned_at_ = now;
  for (int64_t hour = now; hour < now + kPlannedHours; ++hour) {
    int64_t day = hour - kHoursADay;  // the newest day that is known at this hour
    while (day >= now) day -= kHoursADay;
    double sum = 0;
    int count = 0;
    for (const int64_t like : {day, hour - kHoursAWeek, hour - 2 * kHoursAWeek}) {
      if (const auto mean = mean_of(like, now)) {
        sum += *mean;
        ++count;
      }
    }
    floors_[static_cast<size_t>(hour)] = count > 0 ? sum / count : 0;
  }
}

}  // namespace autoscaler
