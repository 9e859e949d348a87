#pragma once

#include "policies/forecast/calendar.h"
#include "policies/forecast/least_squares.h"
#include "policies/forecast/minute_ring.h"
#include "policies/forecast/profile.h"

#include <array>
#include <cstdint>

namespace autoscaler {

// Moving averages of the newest minutes, in logarithms.
struct Levels {
  std::array<double, 3> last{};  // the newest first
  double fast = 0;
  double slow = 0;
  double trend = 0;  // of the fast one, a minute
  // How far the load is from what the day before, the profiles and the period say.
  double from_yesterday = 0;
  double from_period = 0;
  double from_daily = 0;
  double from_weekly = 0;
  double from_kind = 0;
  double from_shape = 0;  // the daily profile, over hours
};

// What every minute teaches, whatever the horizon.
struct Memory {
  LogScale scale;
  DailyProfile daily;
  WeeklyProfile weekly;
  DayKindProfile workday;
  DayKindProfile rest_day;
  MinuteRing ring;
  Levels levels;
  int64_t minute = 0;          // the newest, unix minutes
  int64_t period = 60;         // minutes, shorter than a day
  int64_t agitated_until = 0;  // since a shift of the level: learn the new one fast
};

// Simple forecasts of the highest load in the coming minutes; each is right somewhere.
enum Expert {
  kLastThree,  // the highest of the last three minutes
  kSlowLevel,
  kTrend,        // fast level, a damped trend upwards
  kDailyStep,    // fast level, and how much the daily profile rises from now
  kDailyOffset,  // the daily profile, moved by how far the last minutes were from it
  kWeeklyStep,
  kWeeklyOffset,
  kYesterday,  // what came at this time yesterday, moved alike
  kShape,      // the daily profile, moved by how far the last hours were from it
  kDayKind,    // the profile of workdays or of days of rest
  kPeriod,     // one period ago
  // As they are, not moved: the further ahead, the less the last minutes say of the level. They
  // also are the seasonal naive forecast, which the whole must not lose to.
  kAsYesterday,
  kAsWeekly,
  kHourRise,  // the fast level, and what usually came above it after this minute of the hour
  kStacked,   // what the stacker makes of them all
};
inline constexpr int kSimpleExperts = kStacked;
inline constexpr int kExperts = kStacked + 1;
using Opinions = std::array<double, kExperts>;  // logarithms

// Takes up one minute: first the levels, then the profiles. `most`: of a change of a profile.
void learn_minute(Memory& memory, double log, double most, bool freeze, const Calendar& calendar);

// The simple experts on the `steps` minutes after memory.minute. Where one has not seen enough, it
// says what the fast level says. `hour_rise`: kHourRise over that.
Opinions consult(const Memory& memory, int64_t steps, double hour_rise, const Calendar& calendar);

// The means of the last minutes, the newest alone, the older the more together; half an hour.
inline constexpr size_t kRecentMeans = 8;
using RecentMeans = std::array<double, kRecentMeans>;
// Up to `ago` minutes before the newest; where none is known, the level.
RecentMeans recent_means(const Memory& memory, int64_t ago, double level);

// What the stacker sees of an origin: a bias, the recent means and the simple experts but the
// first, as differences from its fast level.
using Stacker = LeastSquares<kRecentMeans + kSimpleExperts>;
Stacker::Features features_of(const Opinions& opinions, const RecentMeans& recent, double fast);

}  // namespace autoscaler
