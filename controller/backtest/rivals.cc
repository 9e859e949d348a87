#include "controller/backtest/rivals.h"

#include "controller/backtest/fixed_world.h"
#include "controller/backtest/floors.h"
#include "controller/backtest/hpa_rival.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {

using namespace fixed_world;

namespace {

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

class CronHpa : public Contender {
 public:
  CronHpa(int64_t target_percent, const Demand& demand, int64_t lead_s)
      : hpa_(target_percent, demand), target_percent_(target_percent), lead_s_(lead_s) {
    for (size_t tick = 0; tick < demand.first_scored; ++tick) {
      peak_.learn(demand.at_s(tick), demand.rates[tick]);
    }
  }
  int32_t wants(const Sight& sight) override {
    return std::max(hpa_.wants(sight),
                    instances_for(peak_.floor(sight.at_s, lead_s_), target_percent_));
  }

 private:
  HpaRival hpa_;
  int64_t target_percent_;
  int64_t lead_s_;
  HourOfDayPeak peak_;
};

class AwsLike : public Contender {
 public:
  AwsLike(int64_t target_percent, const Demand& demand)
      : hpa_(target_percent, demand), target_percent_(target_percent) {
    for (size_t tick = 0; tick < demand.ticks(); ++tick) {
      plan_.add(demand.at_s(tick), demand.rates[tick]);
    }
  }
  int32_t wants(const Sight& sight) override {
    return std::max(hpa_.wants(sight), instances_for(plan_.floor(sight.at_s), target_percent_));
  }

 private:
  HpaRival hpa_;
  int64_t target_percent_;
  HourlyPlan plan_;
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
