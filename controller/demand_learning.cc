#include "controller/demand_learning.h"

#include "policies/total.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace autoscaler {
namespace {

constexpr Duration kUnknownLead = std::chrono::minutes(3);  // until launches were measured
constexpr uint32_t kBudgetVersion = 1;
constexpr const char* kBudgetPart = "budget";

int64_t minute_number(Instant at) {
  return std::chrono::floor<std::chrono::minutes>(at.time_since_epoch()).count();
}

double rounded(double number) {
  return std::round(number * 1e6) / 1e6;
}

// The size is not that of the policies: it is paused, ordered, or not carried out (dry-run).
bool is_pinned(const WorkloadTick& tick, const WorkloadSpec& spec, Instant now) {
  const bool paused = spec.pause && (!spec.pause->until || now < *spec.pause->until);
  const Orders& orders = tick.workload.orders;
  return paused || orders.pause || orders.size || tick.shadow_size;
}

bool forecasts_act(const WorkloadTick& tick) {
  const auto& policies = tick.config->spec.policies;
  return std::any_of(tick.decision.proposals.begin(), tick.decision.proposals.end(),
                     [&](const Proposal& proposal) {
                       return proposal.replicas &&
                              std::holds_alternative<PredictSpec>(policies[proposal.policy].rule);
                     });
}

bool is_sound(const ErrorBudget::State& state) {
  const auto is_share = [](double share) { return share >= 0 && share <= 1; };
  return std::abs(state.log_price) < 20 && is_share(state.spent) && is_share(state.last_hour);
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
  if (spec.slo && spec.slo->budget) budget_ = Budget{ErrorBudget(*spec.slo->budget)};
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
  if (!budget_) return;
  if (budget_->known > 0) {
    const double violated = static_cast<double>(budget_->violating) / budget_->known;
    budget_->budget.count(violated);
    const bool bought_out = budget_->at_max && violated > 0;
    if (!budget_->frozen && !bought_out) budget_->budget.move(violated);
  }
  budget_->was_frozen = budget_->frozen || budget_->known == 0;
  budget_->known = budget_->violating = 0;
  budget_->frozen = budget_->at_max = false;
}

std::vector<Prediction> DemandLearning::predictions() const {
  std::vector<Prediction> predictions;
  for (const Forecast& each : forecasts_) {
    Prediction& prediction = predictions.emplace_back(each.prediction);
    prediction.policy = each.policy;
    prediction.price = each.spec->price.value_or(kPrice);
    if (!budget_ || each.spec->price) continue;
    prediction.price = rounded(budget_->budget.price());
    prediction.headroom = rounded(budget_->budget.headroom());
  }
  return predictions;
}

std::optional<BudgetSpending> DemandLearning::spending() const {
  if (!budget_) return std::nullopt;
  const ErrorBudget& budget = budget_->budget;
  return BudgetSpending{rounded(budget.left()), rounded(budget.burn_rate()),
                        rounded(budget.price()), budget_->was_frozen};
}

void DemandLearning::account(const WorkloadTick& tick, Instant now) {
  if (!minute_ || minute_number(now) != *minute_) return;
  const auto& signals = tick.decision.signals;
  for (Forecast& each : forecasts_) {
    const size_t index = each.spec->signal;
    if (index >= signals.size() || signals[index].missing || signals[index].doubt) continue;
    each.highest = std::max(each.highest, total_of(spec_->signals[index], signals[index]));
  }
  if (!budget_ || spec_->slo->signal >= signals.size()) return;
  const SignalValue& latency = signals[spec_->slo->signal];
  if (!latency.value && !latency.idle) return;
  ++budget_->known;
  if (latency.value && *latency.value > spec_->slo->p95) ++budget_->violating;
  // A price moves by what it bought: not while no forecast acts, nor by what the size cannot cure.
  budget_->frozen |=
      !forecasts_act(tick) || tick.decision.suspected_at || is_pinned(tick, *spec_, now);
  budget_->at_max |= tick.workload.size >= spec_->bounds.max;
}

void DemandLearning::learn_past(const std::string& signal, int64_t minute,
                                std::optional<double> load) {
  for (Forecast& each : forecasts_) {
    if (spec_->signals[each.spec->signal].name != signal) continue;
    each.lookahead.learn(minute, load, Calendar{each.spec->holidays});
  }
}

std::vector<DemandLearning::Cold> DemandLearning::cold() const {
  std::vector<Cold> cold;
  for (const Forecast& each : forecasts_) {
    if (each.lookahead.record.judged() >= kMinutesADay) continue;
    cold.push_back({each.part, each.spec->signal, lead_minutes(*each.spec, std::nullopt),
                    Calendar{each.spec->holidays}});
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
  if (budget_) {
    const ErrorBudget::State& state = budget_->budget.state();
    parts.push_back(
        {kBudgetPart, kBudgetVersion, {reinterpret_cast<const char*>(&state), sizeof state}});
  }
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
    ErrorBudget::State state;
    if (!budget_ || part.version != kBudgetVersion || part.bytes.size() != sizeof state) {
      return false;
    }
    std::memcpy(&state, part.bytes.data(), sizeof state);
    if (!is_sound(state)) return false;
    budget_->budget.restore(state);
    return true;
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
