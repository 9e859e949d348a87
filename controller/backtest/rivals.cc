#include "controller/backtest/rivals.h"

#include "controller/backtest/fixed_world.h"
#include "controller/backtest/hpa_rival.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace autoscaler {

using namespace fixed_world;

namespace {

constexpr int64_t kHour = 3600;
constexpr int64_t kHoursADay = 24;
constexpr int64_t kHoursAWeek = 168;

class StaticSize : public Contender {
 public:
  explicit StaticSize(int32_t size) : size_(size) {}
  int32_t wants(const Sight& /*sight*/) override { return size_; }

 private:
  int32_t size_;
};

int32_t instances_for(double rate, int64_t target_percent) {
  const double each = kInstanceRate * static_cast<double>(target_percent) / 100;
  return static_cast<int32_t>(std::ceil(rate / each));
}

int64_t hour_of(int64_t at_s) {
  return at_s / kHour;
}

class CronHpa : public Contender {
 public:
  CronHpa(int64_t target_percent, const Demand& demand, int64_t lead_s)
      : hpa_(target_percent, demand), lead_s_(lead_s) {
    for (size_t tick = 0; tick < demand.first_scored; ++tick) {
      int32_t& floor = floors_[static_cast<size_t>(hour_of(demand.at_s(tick)) % kHoursADay)];
      floor = std::max(floor, instances_for(demand.rates[tick], target_percent));
    }
  }
  int32_t wants(const Sight& sight) override {
    const auto floor_at = [this](int64_t at_s) {
      return floors_[static_cast<size_t>(hour_of(at_s) % kHoursADay)];
    };
    return std::max({hpa_.wants(sight), floor_at(sight.at_s), floor_at(sight.at_s + lead_s_)});
  }

 private:
  HpaRival hpa_;
  int64_t lead_s_;
  std::array<int32_t, kHoursADay> floors_{};
};

class AwsLike : public Contender {
 public:
  AwsLike(int64_t target_percent, const Demand& demand)
      : hpa_(target_percent, demand), target_percent_(target_percent) {
    first_hour_ = hour_of(demand.start_s);
    const size_t hours =
        static_cast<size_t>(hour_of(demand.at_s(demand.ticks() - 1)) - first_hour_) + 1;
    sums_.resize(hours);
    ticks_.resize(hours);
    floors_.resize(hours + kPlannedHours);
    for (size_t tick = 0; tick < demand.ticks(); ++tick) {
      const auto hour = static_cast<size_t>(hour_of(demand.at_s(tick)) - first_hour_);
      sums_[hour] += demand.rates[tick];
      ++ticks_[hour];
    }
  }

  int32_t wants(const Sight& sight) override {
    const int64_t now = hour_of(sight.at_s) - first_hour_;
    if (!planned_at_ || now >= *planned_at_ + kRefreshHours) plan(now);
    const int64_t soon = hour_of(sight.at_s + kBufferSeconds) - first_hour_;
    return std::max(
        {hpa_.wants(sight), floors_[static_cast<size_t>(now)], floors_[static_cast<size_t>(soon)]});
  }

 private:
  static constexpr int64_t kRefreshHours = 6;
  static constexpr int64_t kPlannedHours = 48;
  static constexpr int64_t kBufferSeconds = 300;

  // Only hours that are over are known.
  std::optional<double> mean_of(int64_t hour, int64_t now) const {
    if (hour < 0 || hour >= now) return std::nullopt;
    const auto index = static_cast<size_t>(hour);
    return sums_[index] / static_cast<double>(ticks_[index]);
  }

  void plan(int64_t now) {
    planned_at_ = now;
    for (int64_t hour = now; hour < now + kPlannedHours; ++hour) {
      // The newest day that is known at this hour.
      int64_t day = hour - kHoursADay;
      while (day >= now) day -= kHoursADay;
      double sum = 0;
      int count = 0;
      for (const int64_t like : {day, hour - kHoursAWeek, hour - 2 * kHoursAWeek}) {
        if (const auto mean = mean_of(like, now)) {
          sum += *mean;
          ++count;
        }
      }
      floors_[static_cast<size_t>(hour)] =
          count > 0 ? instances_for(sum / count, target_percent_) : 0;
    }
  }

  HpaRival hpa_;
  int64_t target_percent_;
  int64_t first_hour_ = 0;
  std::vector<double> sums_;  // by hour since the first
  std::vector<int64_t> ticks_;
  std::vector<int32_t> floors_;
  std::optional<int64_t> planned_at_;
};

}  // namespace

std::unique_ptr<Contender> make_static_peak(const Demand& demand) {
  const std::vector<int32_t> needed = needed_instances(demand);
  int32_t peak = 1;
  for (size_t tick = 0; tick < demand.ticks(); ++tick) {
    if (demand.scored(tick)) peak = std::max(peak, needed[tick]);
  }
  return std::make_unique<StaticSize>(peak);
}

std::unique_ptr<Contender> make_hpa(int64_t target_percent, const Demand& demand) {
  return std::make_unique<HpaRival>(target_percent, demand);
}

std::unique_ptr<Contender> make_cron_hpa(int64_t target_percent, const Demand& demand,
                                         int64_t lead_s) {
  return std::make_unique<CronHpa>(target_percent, demand, lead_s);
}

std::unique_ptr<Contender> make_aws_like(int64_t target_percent, const Demand& demand) {
  return std::make_unique<AwsLike>(target_percent, demand);
}

}  // namespace autoscaler
