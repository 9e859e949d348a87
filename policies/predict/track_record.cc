#include "policies/predict/track_record.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

constexpr int32_t kLeastJudged = 1440;
constexpr double kBetter = 0.97;  // of the loss of persistence
constexpr double kCovers = 0.95;
constexpr double kMiscovers = 0.02;
constexpr size_t kP95 = 3;           // of kQuantiles
constexpr int64_t kPlainLasts = 10;  // minutes
constexpr double kUsualGain = 1.0 / kMinutesADay;

}  // namespace

void TrackRecord::learn(int64_t minute, std::optional<double> load,
                        const std::optional<Expectation>& expected) {
  if (minute <= minute_ || minute <= 0) return;
  minute_ = minute;
  const bool known = load && *load >= 0 && *load < Forecaster::kMostLoad;
  Minute& now = minutes_[static_cast<size_t>(minute) % minutes_.size()];
  now = {.minute = static_cast<uint32_t>(minute), .load = known ? static_cast<float>(*load) : -1};
  for (size_t i = 0; expected && i < kJudged; ++i) {
    now.highest[i] = static_cast<float>(expected->highest[i]);
  }
  if (known) follow(minute, *load);
  judge(minute);
}

void TrackRecord::look_ahead(int64_t steps) {
  steps_ = steps;
  persistence_ = {};
  for (Minute& each : minutes_) each.highest = {-1};
  parts_ = {};
}

void TrackRecord::follow(int64_t minute, double load) {
  usual_ += (usual_ == 0 ? 1 : kUsualGain) * (load - usual_);
  const int64_t today = day_of(minute);
  Day& day = days_[static_cast<size_t>(today % kDays)];
  if (day.day != today) day = {static_cast<uint32_t>(today), 0};
  day.peak = std::max(day.peak, static_cast<float>(load));
}

double TrackRecord::peak() const {
  float most = 0;
  for (const Day& day : days_) {
    if (day.day + kDays > day_of(minute_)) most = std::max(most, day.peak);
  }
  return most;
}

std::optional<QuantileValues> TrackRecord::plain() const {
  for (int64_t minute = minute_; minute > std::max<int64_t>(0, minute_ - kPlainLasts); --minute) {
    const Minute& each = minutes_[static_cast<size_t>(minute) % minutes_.size()];
    if (each.minute != minute || each.load < 0) continue;
    return persistence_.highest(PlainForecast::scale_of(peak()), each.load,
                                minute % kMinutesADay / 60);
  }
  return std::nullopt;
}

// nullopt: one of the minutes is not known.
std::optional<double> TrackRecord::highest_after(int64_t origin) const {
  float most = 0;
  for (int64_t minute = origin + 1; minute <= origin + steps_; ++minute) {
    const Minute& each = minutes_[static_cast<size_t>(minute) % minutes_.size()];
    if (each.minute != minute || each.load < 0) return std::nullopt;
    most = std::max(most, each.load);
  }
  return most;
}

// The forecast whose minutes are over now.
void TrackRecord::judge(int64_t minute) {
  const int64_t then = minute - steps_;
  if (then <= 0) return;
  const Minute& origin = minutes_[static_cast<size_t>(then) % minutes_.size()];
  const auto truth = highest_after(then);
  if (origin.minute != then || origin.load < 0 || !truth) return;
  const LogScale scale = PlainForecast::scale_of(peak());
  const int64_t hour = then % kMinutesADay / 60;
  if (origin.highest[0] >= 0) {
    const QuantileValues plain = persistence_.highest(scale, origin.load, hour);
    const int64_t number = minute / kMinutesAPart;
    Part& part = parts_[static_cast<size_t>(number % kParts)];
    if (part.part != number) part = {.part = static_cast<uint32_t>(number)};
    ++part.judged;
    part.covered += *truth <= static_cast<double>(origin.highest[kP95]) ? 1 : 0;
    for (size_t i = 0; i < kJudged; ++i) {
      part.loss += static_cast<float>(pinball(kQuantiles[i], origin.highest[i], *truth));
      part.loss_of_persistence += static_cast<float>(pinball(kQuantiles[i], plain[i], *truth));
    }
  }
  persistence_.learn(scale, origin.load, *truth, hour);
}

TrackRecord::Part TrackRecord::total() const {
  Part sum;
  for (const Part& part : parts_) {
    if (part.part + kParts <= minute_ / kMinutesAPart) continue;
    sum.judged += part.judged;
    sum.covered += part.covered;
    sum.loss += part.loss;
    sum.loss_of_persistence += part.loss_of_persistence;
  }
  return sum;
}

int32_t TrackRecord::judged() const {
  return static_cast<int32_t>(total().judged);
}

std::optional<double> TrackRecord::loss_ratio() const {
  const Part sum = total();
  if (!(sum.loss_of_persistence > 0)) return std::nullopt;
  return static_cast<double>(sum.loss) / static_cast<double>(sum.loss_of_persistence);
}

std::optional<double> TrackRecord::coverage() const {
  const Part sum = total();
  if (sum.judged == 0) return std::nullopt;
  return static_cast<double>(sum.covered) / sum.judged;
}

Gate TrackRecord::gate() const {
  if (judged() < kLeastJudged) return Gate::kLearning;
  const auto ratio = loss_ratio();
  if (!ratio || !(*ratio < kBetter)) return Gate::kWorseThanNaive;
  return std::abs(*coverage() - kCovers) < kMiscovers ? Gate::kOpen : Gate::kUncalibrated;
}

}  // namespace autoscaler
