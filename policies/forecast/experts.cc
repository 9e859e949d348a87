#include "policies/forecast/experts.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

constexpr double kFast = 0.3;
constexpr double kSlow = 0.05;
constexpr double kTrendGain = 0.1;
constexpr double kDamping = 0.9;
constexpr double kOffset = 0.1;          // of offsets from profiles: 10 minutes
constexpr double kAnalogOffset = 0.065;  // of yesterday: half an hour
constexpr double kShapeOffset = 0.006;   // of the shape: 3 hours
constexpr double kAgitation = 5;
constexpr double kDailyGain = 0.3;
constexpr double kWeeklyGain = 0.5;

void follow(double& average, double value, double gain) {
  average += gain * (value - average);
}

const DayKindProfile& kind_of(const Memory& memory, int64_t minute, const Calendar& calendar) {
  return calendar.rests(day_of(minute)) ? memory.rest_day : memory.workday;
}

void follow_offsets(Memory& memory, double log, double haste, const Calendar& calendar) {
  Levels& levels = memory.levels;
  const LogScale& scale = memory.scale;
  const int64_t of_day = memory.minute % kMinutesADay;
  const auto move = [&](double& offset, const std::optional<double>& expected, double gain) {
    if (expected) follow(offset, log - *expected, std::min(0.9, gain * haste));
  };
  const auto daily = memory.daily.at(scale, of_day);
  move(levels.from_daily, daily, kOffset);
  move(levels.from_shape, daily, kShapeOffset);
  move(levels.from_weekly, memory.weekly.at(scale, calendar.minute_of_week(memory.minute)),
       kOffset);
  move(levels.from_kind, kind_of(memory, memory.minute, calendar).at(scale, of_day), kOffset);
  move(levels.from_yesterday, memory.ring.at(scale, kMinutesADay), kAnalogOffset);
  move(levels.from_period, memory.ring.at(scale, memory.period), kAnalogOffset);
}

}  // namespace

void learn_minute(Memory& memory, double log, double most, bool freeze, const Calendar& calendar) {
  Levels& levels = memory.levels;
  const bool agitated = memory.minute < memory.agitated_until;
  const double haste = agitated ? kAgitation : 1;
  const double before = levels.fast;
  levels.last = {log, levels.last[0], levels.last[1]};
  follow(levels.fast, log, kFast);
  follow(levels.slow, log, std::min(kFast, kSlow * haste));
  follow(levels.trend, levels.fast - before, kTrendGain);
  follow_offsets(memory, log, haste, calendar);
  if (freeze) return;
  const int64_t of_day = memory.minute % kMinutesADay;
  memory.daily.learn(memory.scale, of_day, log, kDailyGain, most);
  memory.weekly.learn(memory.scale, calendar.minute_of_week(memory.minute), log, kWeeklyGain, most);
  auto& kind = calendar.rests(day_of(memory.minute)) ? memory.rest_day : memory.workday;
  kind.learn(memory.scale, of_day, log, kDailyGain, most);
}

Opinions consult(const Memory& memory, int64_t steps, double hour_rise, const Calendar& calendar) {
  const Levels& levels = memory.levels;
  const LogScale& scale = memory.scale;
  const int64_t now = memory.minute;
  const int64_t next = now + 1;
  Opinions say;
  say.fill(levels.fast);
  const auto tell = [&](Expert expert, const std::optional<double>& highest, double offset) {
    if (highest) say[expert] = *highest + offset;
  };
  const auto step_of = [&](Expert expert, const std::optional<double>& highest,
                           const std::optional<double>& at) {
    if (highest && at) say[expert] = levels.fast + *highest - *at;
  };
  say[kLastThree] = std::max({levels.last[0], levels.last[1], levels.last[2]});
  say[kSlowLevel] = levels.slow;
  const double damped =
      kDamping * (1 - std::pow(kDamping, static_cast<double>(steps))) / (1 - kDamping);
  say[kTrend] = levels.fast + std::max(0.0, levels.trend) * damped;

  const int64_t of_day = next % kMinutesADay;
  const auto daily = memory.daily.highest(scale, of_day, steps);
  step_of(kDailyStep, daily, memory.daily.at(scale, now % kMinutesADay));
  tell(kDailyOffset, daily, levels.from_daily);
  tell(kShape, daily, levels.from_shape);
  const auto weekly = memory.weekly.highest(scale, calendar.minute_of_week(next), steps);
  step_of(kWeeklyStep, weekly, memory.weekly.at(scale, calendar.minute_of_week(now)));
  tell(kWeeklyOffset, weekly, levels.from_weekly);
  tell(kDayKind, kind_of(memory, next, calendar).highest(scale, of_day, steps), levels.from_kind);
  tell(kYesterday, memory.ring.highest(scale, kMinutesADay - 1, steps), levels.from_yesterday);
  tell(kAsYesterday, memory.ring.highest(scale, kMinutesADay - 1, steps), 0);
  tell(kAsWeekly, weekly, 0);
  tell(kPeriod, memory.ring.highest(scale, memory.period - 1, std::min(steps, memory.period)),
       levels.from_period);
  say[kHourRise] = levels.fast + hour_rise;
  return say;
}

RecentMeans recent_means(const Memory& memory, int64_t ago, double level) {
  static constexpr std::array<int64_t, kRecentMeans> kEnds{1, 2, 3, 5, 8, 12, 20, 32};
  RecentMeans means;
  int64_t minute = 0;
  for (size_t i = 0; i < kRecentMeans; ++i) {
    double sum = 0;
    int known = 0;
    for (; minute < kEnds[i]; ++minute) {
      const auto log = memory.ring.at(memory.scale, ago + minute);
      if (!log) continue;
      sum += *log;
      ++known;
    }
    means[i] = known > 0 ? sum / known : level;
  }
  return means;
}

Stacker::Features features_of(const Opinions& opinions, const RecentMeans& recent, double fast) {
  Stacker::Features features{};
  features[0] = 0.3;  // the bias: as large as the others usually are
  for (size_t i = 0; i < kRecentMeans; ++i) features[1 + i] = recent[i] - fast;
  for (size_t i = kSlowLevel; i < kSimpleExperts; ++i) {
    features[kRecentMeans + i] = opinions[i] - fast;
  }
  return features;
}

}  // namespace autoscaler
