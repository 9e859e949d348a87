#include "policies/forecast/forecaster.h"

#include "base/check.h"
#include "policies/forecast/period.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

constexpr double kPeakForgetting = 0.99993124;  // a minute: half in a week
constexpr double kRescale = 1.5;                // the floor follows the peak in steps
constexpr double kPeakReach = 1.25;             // no quantile goes further
constexpr int64_t kAgitatedMinutes = 60;
constexpr int64_t kStaleMinutes = 5;
constexpr int64_t kInvalidMinutes = 10;
constexpr double kProfileReach = 6;  // usual errors that one cycle may move a profile by
constexpr double kProfileLeast = 0.15;

}  // namespace

Forecaster::Forecaster(int64_t lead_steps, int64_t hold_steps)
    : lead_(lead_steps), hold_(hold_steps) {
  CHECK(lead_.origins() + hold_.origins() <= kMostOrigins);
}

void Forecaster::learn(int64_t minute, std::optional<double> load, const Calendar& calendar) {
  const bool known = load && *load >= 0 && *load < kMostLoad;
  if (memory_.minute == 0) {
    if (!known) return;
    memory_.minute = minute - 1;
  }
  if (minute <= memory_.minute) return;
  learn_gap(minute - memory_.minute - (known ? 1 : 0), calendar);
  if (!known) return;
  memory_.minute = minute;
  learn_known(*load, calendar);
}

// Of a minute that nothing is known of nothing is learned, and the clock goes on.
void Forecaster::learn_gap(int64_t minutes, const Calendar& calendar) {
  for (int64_t i = 0; i < std::min(minutes, MinuteRing::kMinutes); ++i) {
    memory_.ring.push(memory_.scale, std::nullopt);
  }
  if (minutes == 0) return;
  memory_.minute += minutes;
  if (age() <= std::max(kInvalidMinutes, 2 * lead_.steps())) look_ahead(calendar);
}

void Forecaster::follow_peak(double load) {
  peak_ = std::max(load, peak_ * kPeakForgetting);
  // Without any load yet the floor is that of a peak of 1, of whatever unit.
  const double floor = LogScale::kFloorOfPeak * (peak_ > 0 ? peak_ : 1);
  if (memory_.scale.floor == 0) {
    memory_.scale.floor = floor;
    memory_.scale.reference = std::log(load + floor);
    const double log = memory_.scale.to_log(load);
    memory_.levels.last = {log, log, log};
    memory_.levels.fast = memory_.levels.slow = log;
  } else if (floor > kRescale * memory_.scale.floor || floor * kRescale < memory_.scale.floor) {
    rescale(floor);
  }
}

// Everything that is remembered as a logarithm is written anew with another floor.
void Forecaster::rescale(double floor) {
  const LogScale old = memory_.scale;
  LogScale next = old;
  next.floor = floor;
  const auto move = [&](double log) { return next.to_log(old.to_load(log)); };
  const auto map = [&](uint16_t packed) { return next.pack(move(old.unpack(packed))); };
  memory_.daily.remap(map);
  memory_.weekly.remap(map);
  memory_.workday.remap(map);
  memory_.rest_day.remap(map);
  memory_.ring.remap(map);
  for (double& each : memory_.levels.last) each = move(each);
  memory_.levels.fast = move(memory_.levels.fast);
  memory_.levels.slow = move(memory_.levels.slow);
  for (Origin& origin : origins_) origin.remap(map);
  memory_.scale = next;
}

// The load itself: its peak, levels and profiles.
void Forecaster::remember(double load, const Calendar& calendar) {
  follow_peak(load);
  const double log = memory_.scale.to_log(load);
  const auto of_the_hour = memory_.daily.at(memory_.scale, memory_.minute % kMinutesADay);
  std::optional<double> usual;
  if (of_the_hour) usual = memory_.scale.to_load(*of_the_hour);
  outage_.learn(memory_.minute, load, memory_.scale.to_load(memory_.levels.slow), usual);

  const double surprise = std::abs(log - memory_.levels.fast);
  usual_error_ += 0.01 * (std::min(surprise, kProfileReach * usual_error_ + 0.01) - usual_error_);
  memory_.ring.push(memory_.scale, log);
  learn_minute(memory_, log, std::max(kProfileLeast, kProfileReach * usual_error_),
               outage_suspected(), calendar);
  last_known_ = memory_.minute;
}

void Forecaster::learn_known(double load, const Calendar& calendar) {
  remember(load, calendar);
  ++learned_;
  if (memory_.minute % kMinutesADay == 0)
    memory_.period = period_of(memory_.ring, memory_.scale).value_or(memory_.period);

  const std::optional<double> error = lead_.look_back(memory_, origins_of(Reach::kLead));
  hold_.look_back(memory_, origins_of(Reach::kHold));
  if (error && shift_.learn(*error)) {
    memory_.agitated_until = memory_.minute + kAgitatedMinutes;
    memory_.levels.slow = memory_.levels.fast;
  }
  look_ahead(calendar);
}

Forecaster Forecaster::as_if_over(double load, const Calendar& calendar) const {
  Forecaster ahead = *this;
  if (learned_ == 0 || !(load >= 0 && load < kMostLoad)) return ahead;
  ++ahead.memory_.minute;
  ahead.remember(load, calendar);
  ahead.look_ahead(calendar);
  return ahead;
}

std::span<Origin> Forecaster::origins_of(Reach reach) {
  const std::span<Origin> all(origins_);
  const auto lead = static_cast<size_t>(lead_.origins());
  return reach == Reach::kLead ? all.first(lead)
                               : all.subspan(lead, static_cast<size_t>(hold_.origins()));
}

void Forecaster::look_ahead(const Calendar& calendar) {
  lead_.look_ahead(memory_, calendar, origins_of(Reach::kLead));
  hold_.look_ahead(memory_, calendar, origins_of(Reach::kHold));
}

void Forecaster::look_ahead(int64_t lead_steps, int64_t hold_steps) {
  lead_ = Horizon(lead_steps);
  hold_ = Horizon(hold_steps);
  CHECK(lead_.origins() + hold_.origins() <= kMostOrigins);
  for (Origin& origin : origins_) origin = {};
}

std::optional<Expectation> Forecaster::expect(Reach reach) const {
  if (learned_ == 0 || age() > std::max(kInvalidMinutes, 2 * lead_.steps())) return std::nullopt;
  const Outlook& outlook = reach == Reach::kLead ? lead_.outlook() : hold_.outlook();
  const double stale = age() > kStaleMinutes ? std::sqrt(static_cast<double>(age())) : 1;
  const double most = kPeakReach * peak_;
  Expectation expectation;
  expectation.middle = std::min(most, memory_.scale.to_load(outlook.middle));
  for (size_t i = 0; i < kQuantileCount; ++i) {
    const double log = outlook.middle + stale * (outlook.highest[i] - outlook.middle);
    expectation.highest[i] = std::min(most, memory_.scale.to_load(log));
  }
  return expectation;
}

}  // namespace autoscaler
