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

DemandLearning::DemandLearning(const WorkloadSpec& spec) : spec_(&spec) {
  for (size_t i = 0; i < spec.policies.size(); ++i) {
    const auto* predict = std::get_if<PredictSpec>(&spec.policies[i].rule);
    if (!predict) continue;
    forecasts_.push_back({static_cast<uint16_t>(i),
                          predict,
                          "forecast:" + spec.policies[i].name,
                          Lookahead(lead_minutes(*predict, std::nullopt)),
                          {},
                          {}});
  }
  if (spec.slo && spec.slo->budget) budget_.emplace(*spec.slo->budget);
}

int64_t DemandLearning::lead_minutes(const PredictSpec& spec,
                                     std::optional<Duration> time_to_ready) const {
  const Duration measured = time_to_ready.value_or(kUnknownLead) + spec_->warmup;
  const Duration lead =
      std::clamp<Duration>(spec.lead.value_or(measured), std::chrono::minutes(1), kMostLead);
  return std::chrono::ceil<std::chrono::minutes>(lead).count();
}

void DemandLearning::pass(std::optional<Duration> time_to_ready, Instant now) {
  const int64_t minute = minute_number(now);
  if (minute_ && minute <= *minute_) return;
  for (Forecast& each : forecasts_) {
    each.lookahead.follow_lead(lead_minutes(*each.spec, time_to_ready));
  }
  if (minute_) end_minute(*minute_);
  minute_ = minute;
  for (Forecast& each : forecasts_) {
    const Calendar calendar{each.spec->holidays};
    each.lookahead.learn(minute - 1, std::nullopt, calendar);  // nothing, but in a gap
    each.prediction = each.lookahead.predict();
  }
}

void DemandLearning::end_minute(int64_t minute) {
  for (Forecast& each : forecasts_) {
    each.lookahead.learn(minute, each.highest, Calendar{each.spec->holidays});
    each.highest.reset();
  }
  if (budget_) budget_->end_minute();
}

std::vector<Prediction> DemandLearning::predictions() const {
  std::vector<Prediction> predictions;
  for (const Forecast& each : forecasts_) {
    Prediction& prediction = predictions.emplace_back(each.prediction);
    prediction.policy = each.policy;
    prediction.price = each.spec->price.value_or(kPrice);
    if (budget_ && !each.spec->price) budget_->set_price(prediction);
  }
  return predictions;
}

std::optional<BudgetSpending> DemandLearning::spending() const {
  return budget_ ? std::optional(budget_->spending()) : std::nullopt;
}

void DemandLearning::account(const WorkloadTick& tick, Instant now) {
  if (!minute_ || minute_number(now) != *minute_) return;
  const auto& signals = tick.decision.signals;
  for (Forecast& each : forecasts_) {
    const size_t index = each.spec->signal;
    if (index >= signals.size() || signals[index].missing || signals[index].doubt) continue;
    each.highest = std::max(each.highest, total_of(spec_->signals[index], signals[index]));
  }
  if (budget_) budget_->account(tick, now);
}

void DemandLearning::learn_past(const std::string& signal, int64_t minute,
                                std::optional<double> load) {
  for (Forecast& each : forecasts_) {
    if (spec_->signals[each.spec->signal].name != signal) continue;
    each.lookahead.learn(minute, load, Calendar{each.spec->holidays});
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
