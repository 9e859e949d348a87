#include "controller/demand_learning.h"

#include "policies/total.h"

#include <algorithm>

namespace autoscaler {
namespace {

constexpr Duration kUnknownLead = std::chrono::minutes(3);  // until launches were measured
constexpr const char* kBudgetPart = "budget";

int64_t minute_number(Instant at) {
  return std::chrono::floor<std::chrono::minutes>(at.time_since_epoch()).count();
}

}  // namespace

DemandLearning::DemandLearning(const WorkloadSpec& spec, GateRule gate)
    : spec_(&spec), gate_(gate) {
  for (size_t i = 0; i < spec.policies.size(); ++i) {
    const auto* predict = std::get_if<PredictSpec>(&spec.policies[i].rule);
    if (!predict) continue;
    forecasts_.push_back({static_cast<uint16_t>(i),
                          predict,
                          "forecast:" + spec.policies[i].name,
                          Lookahead(lead_minutes(*predict)),
                          {},
                          {},
                          {}});
  }
  if (spec.slo && spec.slo->budget) budget_.emplace(*spec.slo->budget);
}

int64_t DemandLearning::lead_minutes(const PredictSpec& spec) const {
  const Duration measured = time_to_ready_.value_or(kUnknownLead) + spec_->warmup;
  const Duration lead =
      std::clamp<Duration>(spec.lead.value_or(measured), std::chrono::minutes(1), kMostLead);
  return std::chrono::ceil<std::chrono::minutes>(lead).count();
}

void DemandLearning::pass(std::optional<Duration> time_to_ready,
                          std::span<const SignalValue> signals, Instant now) {
  time_to_ready_ = time_to_ready;
  for (Forecast& each : forecasts_) hear(each, signals, now);
  const int64_t minute = minute_number(now);
  if (budget_ && minute_ && minute > *minute_) budget_->end_minute();
  minute_ = std::max(minute_.value_or(minute), minute);
}

void DemandLearning::hear(Forecast& forecast, std::span<const SignalValue> signals,
                          Instant now) const {
  const size_t index = forecast.spec->signal;
  const bool known = index < signals.size() && signals[index].at && signals[index].value &&
                     !signals[index].missing && !signals[index].doubt;
  // A minute that has been over for another is not waited for any more.
  if (!known) return begin_minute(forecast, minute_number(now) - 1);
  const Instant taken = std::min(*signals[index].at, now);
  const int64_t minute = minute_number(taken - Duration{1});  // at the full minute: of the last one
  begin_minute(forecast, minute);
  if (minute == *forecast.minute) {
    const auto before = forecast.highest;
    forecast.highest = std::max(before, total_of(spec_->signals[index], signals[index]));
    const bool is_over = minute_number(taken) > minute;
    // What was learned elsewhere may end earlier (warm_up): then it waits for the next minute.
    const bool is_next = forecast.lookahead.forecaster.minute() + 1 == minute;
    if (!is_over && is_next && forecast.highest != before) {
      forecast.lookahead.follow_minute(*forecast.highest, Calendar{forecast.spec->holidays},
                                       forecast.prediction);
    }
  }
  begin_minute(forecast, minute_number(taken));
}

void DemandLearning::begin_minute(Forecast& forecast, int64_t minute) const {
  if (forecast.minute && minute <= *forecast.minute) return;
  const Calendar calendar{forecast.spec->holidays};
  forecast.lookahead.follow_lead(lead_minutes(*forecast.spec));
  if (forecast.minute) forecast.lookahead.learn(*forecast.minute, forecast.highest, calendar);
  forecast.lookahead.learn(minute - 1, std::nullopt, calendar);  // nothing, but in a gap
  forecast.minute = minute;
  forecast.highest.reset();
  forecast.prediction = forecast.lookahead.predict();
}

std::vector<Prediction> DemandLearning::predictions() const {
  std::vector<Prediction> predictions;
  for (const Forecast& each : forecasts_) {
    Prediction& prediction = predictions.emplace_back(each.prediction);
    prediction.policy = each.policy;
    if (gate_ == GateRule::kAlwaysOpen) prediction.gate = Gate::kOpen;
    prediction.price = each.spec->price.value_or(kPrice);
    if (budget_ && !each.spec->price) budget_->set_price(prediction);
  }
  return predictions;
}

std::optional<BudgetSpending> DemandLearning::spending() const {
  return budget_ ? std::optional(budget_->spending()) : std::nullopt;
}

void DemandLearning::account(const WorkloadTick& tick, Instant now) {
  if (budget_ && minute_ == minute_number(now)) budget_->account(tick, now);
}

void DemandLearning::learn_past(const std::string& signal, int64_t minute,
                                std::optional<double> load) {
  for (Forecast& each : forecasts_) {
    if (spec_->signals[each.spec->signal].name != signal) continue;
    each.lookahead.learn(minute, load, Calendar{each.spec->holidays});
  }
}

std::optional<int64_t> DemandLearning::learned_until(const std::string& signal) const {
  std::optional<int64_t> until;
  for (const Forecast& each : forecasts_) {
    if (spec_->signals[each.spec->signal].name != signal) continue;
    const int64_t minute = each.lookahead.forecaster.minute();
    until = std::min(until.value_or(minute), minute);
  }
  return until;
}

std::vector<DemandLearning::Cold> DemandLearning::cold() const {
  std::vector<Cold> cold;
  for (const Forecast& each : forecasts_) {
    if (each.lookahead.record.judged() >= kMinutesADay) continue;
    cold.push_back(
        {each.part, each.spec->signal, lead_minutes(*each.spec), Calendar{each.spec->holidays}});
  }
  return cold;
}

// The lead that was measured meanwhile is followed by the next minute.
void DemandLearning::warm_up(const std::string& part, const Lookahead& learned, Instant now) {
  for (Forecast& each : forecasts_) {
    if (each.part != part || learned.forecaster.minute() >= minute_number(now)) continue;
    if (learned.record.judged() > each.lookahead.record.judged()) each.lookahead = learned;
  }
}

std::vector<DemandLearning::Part> DemandLearning::parts() const {
  std::vector<Part> parts;
  for (const Forecast& each : forecasts_) {
    parts.push_back({each.part, kLookaheadVersion, save(each.lookahead)});
  }
  if (budget_) parts.push_back({kBudgetPart, BudgetLearning::kVersion, budget_->bytes()});
  return parts;
}

std::vector<std::string> DemandLearning::part_names() const {
  std::vector<std::string> names;
  for (const Forecast& each : forecasts_) names.push_back(each.part);
  if (budget_) names.emplace_back(kBudgetPart);
  return names;
}

bool DemandLearning::restore(const Part& part, Instant now) {
  if (part.name == kBudgetPart) {
    return budget_ && part.version == BudgetLearning::kVersion && budget_->restore(part.bytes);
  }
  const auto found =
      std::find_if(forecasts_.begin(), forecasts_.end(),
                   [&](const Forecast& forecast) { return forecast.part == part.name; });
  if (found == forecasts_.end() || part.version != kLookaheadVersion) return false;
  const Result<Lookahead> restored = restore_lookahead(part.bytes);
  if (!restored || restored->forecaster.minute() >= minute_number(now)) return false;
  found->lookahead = *restored;
  return true;
}

}  // namespace autoscaler
