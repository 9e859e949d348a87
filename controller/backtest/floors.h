#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace autoscaler {

// What people put beneath a reactive policy, as loads in requests per second. Times are unix
// seconds, UTC.

// A cron rule for each hour of the day: the highest load of that hour in the days it was shown.
class HourOfDayPeak {
 public:
  void learn(int64_t at_s, double rate);
  // The larger of what this hour and the one `lead_s` later had.
  double floor(int64_t at_s, int64_t lead_s) const;

 private:
  std::array<double, 24> peaks_{};
};

// After AWS's predictive scaling: an hourly forecast from the hour's mean a day ago and in the last
// two weeks, made anew every 6 hours for 48, and launched 5 minutes early.
class HourlyPlan {
 public:
  // Every load of the whole time, in ascending order; an hour is looked at only once it is over.
  void add(int64_t at_s, double rate);
  // Asked in ascending order, within the time that was added.
  double floor(int64_t at_s);

 private:
  std::optional<double> mean_of(int64_t hour, int64_t now) const;
  void plan(int64_t now);

  std::optional<int64_t> first_hour_;
  std::vector<double> sums_;  // by hour since the first
  std::vector<int64_t> counts_;
  std::vector<double> floors_;
  std::optional<int64_t> planned_at_;
};

}  // namespace autoscaler
