#include "controller/backtest/forecast_score.h"

#include "controller/backtest/fixed_world.h"
#include "policies/forecast/plain_forecast.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

constexpr size_t kLossQuantiles = 4;  // of kQuantiles, the first ones

// The highest of the `steps` minutes after `origin`; nullopt: one of them is not known.
std::optional<double> highest_after(const Minutes& minutes, size_t origin, int64_t steps) {
  double most = 0;
  const auto end = origin + static_cast<size_t>(steps);
  if (end >= minutes.loads.size()) return std::nullopt;
  for (size_t i = origin + 1; i <= end; ++i) {
    if (!minutes.loads[i]) return std::nullopt;
    most = std::max(most, *minutes.loads[i]);
  }
  return most;
}

// One horizon's account.
class Account {
 public:
  Account(const std::string& trace, const Minutes& minutes, int64_t steps, bool keeps_held)
      : minutes_(minutes), steps_(steps), keeps_held_(keeps_held) {
    score_.trace = trace;
    score_.horizon_s = steps * 60;
  }

  void look(size_t origin, const std::optional<Expectation>& expected, double peak) {
    learn_plain(origin, peak);
    const auto truth = highest_after(minutes_, origin, steps_);
    if (origin < minutes_.first_scored || !truth || !expected || !minutes_.loads[origin]) return;
    const LogScale scale = PlainForecast::scale_of(peak);
    const auto yesterday = yesterday_of(origin);
    const int64_t hour = hour_of(origin);
    count(expected->highest, *truth, hour);
    if (keeps_held_) {
      score_.held.push_back({minutes_.first + static_cast<int64_t>(origin), *truth,
                             expected->highest[0], expected->highest[kP95]});
    }
    losses_[0] += loss_of(expected->highest, *truth);
    losses_[1] +=
        loss_of(naive_.highest(scale, yesterday.value_or(*minutes_.loads[origin]), hour), *truth);
    losses_[2] += loss_of(persistence_.highest(scale, *minutes_.loads[origin], hour), *truth);
    load_ += *truth;
  }

  // nullopt: there was nothing to score, or no load in it.
  std::optional<ForecastScore> finish() {
    if (!(load_ > 0)) return std::nullopt;
    const double of_all = 2 / (load_ * kLossQuantiles);
    score_.wql = losses_[0] * of_all;
    score_.wql_naive = losses_[1] * of_all;
    score_.wql_persistence = losses_[2] * of_all;
    const auto origins = static_cast<double>(score_.origins);
    for (double& each : score_.coverage) each /= origins;
    score_.worst_hour_cover95 = 1;
    for (size_t i = 0; i < 24; ++i) {
      score_.cover95_by_hour[i] = hours_[i] > 0 ? covered_[i] / hours_[i] : 1;
      score_.worst_hour_cover95 = std::min(score_.worst_hour_cover95, score_.cover95_by_hour[i]);
    }
    return score_;
  }

 private:
  int64_t hour_of(size_t origin) const {
    return (minutes_.first + static_cast<int64_t>(origin)) % kMinutesADay / 60;
  }
  std::optional<double> yesterday_of(size_t origin) const {
    const auto day = static_cast<size_t>(kMinutesADay);
    return origin < day ? std::nullopt : highest_after(minutes_, origin - day, steps_);
  }
  // From the origin whose minutes are over now.
  void learn_plain(size_t now, double peak) {
    if (now < static_cast<size_t>(steps_)) return;
    const size_t origin = now - static_cast<size_t>(steps_);
    const auto truth = highest_after(minutes_, origin, steps_);
    if (!truth || !minutes_.loads[origin]) return;
    const auto yesterday = yesterday_of(origin);
    const LogScale scale = PlainForecast::scale_of(peak);
    naive_.learn(scale, yesterday.value_or(*minutes_.loads[origin]), *truth, hour_of(origin));
    persistence_.learn(scale, *minutes_.loads[origin], *truth, hour_of(origin));
  }
  static double loss_of(const QuantileValues& values, double truth) {
    double loss = 0;
    for (size_t i = 0; i < kLossQuantiles; ++i) loss += pinball(kQuantiles[i], values[i], truth);
    return loss;
  }
  void count(const QuantileValues& values, double truth, int64_t hour) {
    ++score_.origins;
    for (size_t i = 0; i < kQuantileCount; ++i) score_.coverage[i] += truth <= values[i] ? 1 : 0;
    hours_[static_cast<size_t>(hour)] += 1;
    covered_[static_cast<size_t>(hour)] += truth <= values[kP95] ? 1 : 0;
  }

  const Minutes& minutes_;
  int64_t steps_;
  bool keeps_held_;
  ForecastScore score_;
  PlainForecast naive_;
  PlainForecast persistence_;
  std::array<double, 3> losses_{};
  double load_ = 0;
  std::array<double, 24> hours_{};
  std::array<double, 24> covered_{};
};

}  // namespace

Minutes minutes_of(const Demand& demand) {
  constexpr int64_t kTicks = 60 / fixed_world::kTickSeconds;
  Minutes minutes{
      .first = demand.start_s / 60, .loads = {}, .first_scored = demand.first_scored / kTicks};
  for (size_t tick = 0; tick + kTicks <= demand.ticks(); tick += kTicks) {
    std::optional<double> highest = 0;
    for (size_t i = tick; i < tick + kTicks; ++i) {
      if (demand.in_gap[i]) highest = std::nullopt;
      if (highest) highest = std::max(*highest, demand.rates[i]);
    }
    minutes.loads.push_back(highest);
  }
  return minutes;
}

Minutes minutes_of(const Trace& trace) {
  const int64_t begin = trace.rows.front().at_s / 60;
  const int64_t end = (trace.rows.back().at_s + trace.step_s) / 60;
  const int64_t warm_up = std::min(fixed_world::kWarmUpSeconds / 60, (end - begin) / 2);
  Minutes minutes{.first = begin, .loads = {}, .first_scored = static_cast<size_t>(warm_up)};
  const int64_t stride = std::min<int64_t>(trace.step_s, 60);
  size_t cursor = 0;
  for (int64_t minute = begin; minute < end; ++minute) {
    std::optional<double> highest;
    for (int64_t at = minute * 60; at < minute * 60 + 60; at += stride) {
      const double value = value_at(trace, static_cast<double>(at), cursor);
      if (is_recorded(trace, at, cursor)) highest = std::max(highest.value_or(0), value);
    }
    minutes.loads.push_back(highest);
  }
  return minutes;
}

std::vector<ForecastScore> score_forecasts(const std::string& trace, const Minutes& minutes,
                                           const Calendar& calendar, bool keeps_held) {
  std::vector<ForecastScore> scores;
  for (size_t i = 0; i < kScoredHorizons.size(); i += 2) {
    Forecaster forecaster(kScoredHorizons[i], kScoredHorizons[i + 1]);
    Account near(trace, minutes, kScoredHorizons[i], keeps_held);
    Account far(trace, minutes, kScoredHorizons[i + 1], keeps_held);
    for (size_t origin = 0; origin < minutes.loads.size(); ++origin) {
      forecaster.learn(minutes.first + static_cast<int64_t>(origin), minutes.loads[origin],
                       calendar);
      near.look(origin, forecaster.expect(Forecaster::Reach::kLead), forecaster.peak());
      far.look(origin, forecaster.expect(Forecaster::Reach::kHold), forecaster.peak());
    }
    for (Account* each : {&near, &far}) {
      if (auto score = each->finish()) scores.push_back(std::move(*score));
    }
  }
  return scores;
}

}  // namespace autoscaler
