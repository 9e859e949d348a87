#include "controller/telemetry/families.h"

namespace autoscaler {
namespace {

using prometheus::MetricFamily;
using Number = std::optional<double>;

// No label is called quantile but that of a summary.
constexpr const char* kPercentiles[] = {"50", "80", "90", "95", "98", "99", "99.5", "99.9"};
static_assert(std::size(kPercentiles) == kQuantileCount);

void add_quantiles(MetricFamily& to, const std::string& workload, const std::string& policy,
                   const char* reach, const std::optional<QuantileValues>& highest) {
  if (!highest) return;
  for (size_t i = 0; i < kQuantileCount; ++i) {
    add_gauge(to,
              {{"workload", workload},
               {"policy", policy},
               {"reach", reach},
               {"percentile", kPercentiles[i]}},
              (*highest)[i]);
  }
}

const std::string& policy_of(const WorkloadTick& tick, const Prediction& prediction) {
  return tick.config->spec.policies[prediction.policy].name;
}

void add_load(MetricFamily& to, const WorkloadTick& tick, Instant /*now*/) {
  for (const Prediction& each : tick.workload.predictions) {
    const std::string& policy = policy_of(tick, each);
    add_quantiles(to, tick.config->spec.name, policy, "lead", each.lead_highest);
    add_quantiles(to, tick.config->spec.name, policy, "hold", each.hold_highest);
  }
}

void add_gate(MetricFamily& to, const WorkloadTick& tick, Instant /*now*/) {
  for (const Prediction& each : tick.workload.predictions) {
    add_gauge(to,
              {{"workload", tick.config->spec.name},
               {"policy", policy_of(tick, each)},
               {"gate", gate_name(each.gate)}},
              1);
  }
}

// Adds the one number of each prediction, where it has one.
template <auto kNumber>
void add_forecast_number(MetricFamily& to, const WorkloadTick& tick, Instant now) {
  for (const Prediction& each : tick.workload.predictions) {
    const Number number = kNumber(each, now);
    if (!number) continue;
    add_gauge(to, {{"workload", tick.config->spec.name}, {"policy", policy_of(tick, each)}},
              *number);
  }
}

void add_size(MetricFamily& to, const WorkloadTick& tick, Instant /*now*/) {
  const WorkloadSpec& spec = tick.config->spec;
  for (const Proposal& proposal : tick.decision.proposals) {
    if (!proposal.forecast) continue;
    const std::string& policy = spec.policies[proposal.policy].name;
    add_gauge(to, {{"workload", spec.name}, {"policy", policy}}, *proposal.forecast);
  }
}

void add_budget_left(MetricFamily& to, const WorkloadTick& tick, Instant /*now*/) {
  const auto& budget = tick.workload.budget;
  if (budget) add_gauge(to, {{"workload", tick.config->spec.name}}, budget->left);
}

void add_burn_rate(MetricFamily& to, const WorkloadTick& tick, Instant /*now*/) {
  const auto& budget = tick.workload.budget;
  if (budget) add_gauge(to, {{"workload", tick.config->spec.name}}, budget->burn_rate);
}

constexpr WorkloadFamily kForecastFamilies[] = {
    {"autoscaler_forecast_load",
     "The highest minute that is expected within the lead, and within the reach of what is kept, "
     "in the signal's own unit.",
     add_load},
    {"autoscaler_forecast_replicas",
     "Instances that the forecast is worth, whether it may act or not.", add_size},
    {"autoscaler_forecast_gate_info", "Whether the forecast may act, or why it may not, always 1.",
     add_gate},
    {"autoscaler_forecast_loss_ratio",
     "The pinball loss of three days over that of persistence; below 0.97 it may act.",
     add_forecast_number<[](const Prediction& each, Instant) -> Number {
       return each.loss_ratio;
     }>},
    {"autoscaler_forecast_coverage_ratio", "Share of what came in three days at or below P95.",
     add_forecast_number<[](const Prediction& each, Instant) -> Number { return each.coverage; }>},
    {"autoscaler_forecast_judged", "Forecasts that these are made of.",
     add_forecast_number<[](const Prediction& each, Instant) -> Number { return each.judged; }>},
    {"autoscaler_forecast_lead_seconds", "How far it looks ahead.",
     add_forecast_number<[](const Prediction& each, Instant) -> Number {
       return seconds_of(each.lead);
     }>},
    {"autoscaler_forecast_age_seconds", "Since the end of the newest minute that it knows.",
     add_forecast_number<[](const Prediction& each, Instant now) {
       return each.at ? Number(seconds_of(now - *each.at)) : std::nullopt;
     }>},
    {"autoscaler_violation_price",
     "What a violating minute costs, in minutes of the whole service.",
     add_forecast_number<[](const Prediction& each, Instant) -> Number { return each.price; }>},
    {"autoscaler_slo_budget_left_ratio",
     "Share of two weeks' error budget that is left; below 0: overspent.", add_budget_left},
    {"autoscaler_slo_burn_rate", "Speed at which the last hour spent it; 1 spends just the budget.",
     add_burn_rate},
};

}  // namespace

std::span<const WorkloadFamily> forecast_families() {
  return kForecastFamilies;
}

}  // namespace autoscaler
