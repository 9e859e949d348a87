#include "controller/budget_learning.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace autoscaler {
namespace {

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

int32_t in_service(const Workload& workload) {
  return static_cast<int32_t>(std::count_if(
      workload.instances.begin(), workload.instances.end(),
      [](const Instance& instance) { return instance.lifecycle == Lifecycle::kInService; }));
}

bool is_sound(const ErrorBudget::State& state) {
  const auto is_share = [](double share) { return share >= 0 && share <= 1; };
  return std::abs(state.log_price) < 20 && is_share(state.spent) && is_share(state.last_hour) &&
         state.trusted > 0 && state.trusted <= 1;
}

}  // namespace

void BudgetLearning::account(const WorkloadTick& tick, Instant now) {
  const WorkloadSpec& spec = tick.config->spec;
  if (spec.slo->signal >= tick.decision.signals.size()) return;
  const SignalValue& latency = tick.decision.signals[spec.slo->signal];
  if (!latency.value && !latency.idle) return;
  ++known_;
  const bool violates = latency.value && *latency.value > spec.slo->p95;
  if (violates) ++violating_;
  // A price moves by what it bought: not while no forecast acts, nor by what the size cannot cure.
  frozen_ |= !forecasts_act(tick) || tick.decision.suspicion || is_pinned(tick, spec, now);
  at_max_ |= tick.workload.size >= spec.bounds.max;
  look_at_capacity(tick, violates);
}

void BudgetLearning::look_at_capacity(const WorkloadTick& tick, bool violates) {
  const int32_t serving = in_service(tick.workload);
  fewest_ = fewest_ == 0 ? serving : std::min(fewest_, serving);
  const int32_t fewest = fewest_before_ == 0 ? fewest_ : std::min(fewest_, fewest_before_);
  const bool begins = violates && !violates_;
  violates_ = violates;
  if (!begins || frozen_ || fewest == 0) return;
  for (const Proposal& proposal : tick.decision.proposals) {
    const auto& rule = tick.config->spec.policies[proposal.policy].rule;
    if (!std::holds_alternative<PredictSpec>(rule) || !proposal.current || !proposal.target)
      continue;
    budget_.doubt_capacity(*proposal.current / (fewest * *proposal.target));
  }
}

void BudgetLearning::end_minute() {
  if (known_ > 0) {
    const double violated = static_cast<double>(violating_) / known_;
    budget_.count(violated);
    const bool bought_out = at_max_ && violated > 0;
    if (!frozen_ && !bought_out) budget_.move(violated);
  }
  was_frozen_ = frozen_ || known_ == 0;
  known_ = violating_ = 0;
  frozen_ = at_max_ = false;
  fewest_before_ = fewest_;
  fewest_ = 0;
}

void BudgetLearning::set_price(Prediction& prediction) const {
  prediction.price = rounded(budget_.price());
  prediction.headroom = rounded(budget_.headroom());
}

BudgetSpending BudgetLearning::spending() const {
  return {rounded(budget_.left()), rounded(budget_.burn_rate()), rounded(budget_.price()),
          was_frozen_};
}

std::string BudgetLearning::bytes() const {
  const ErrorBudget::State& state = budget_.state();
  return {reinterpret_cast<const char*>(&state), sizeof state};
}

bool BudgetLearning::restore(std::string_view bytes) {
  ErrorBudget::State state;
  if (bytes.size() != sizeof state) return false;
  std::memcpy(&state, bytes.data(), sizeof state);
  if (!is_sound(state)) return false;
  budget_.restore(state);
  return true;
}

}  // namespace autoscaler
