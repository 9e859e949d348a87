#include "controller/telemetry/families.h"

namespace autoscaler {

using prometheus::MetricFamily;
using prometheus::MetricType;

namespace {

constexpr const char* kQuantileNames[] = {"0.5",  "0.8",  "0.9",   "0.95",
                                          "0.98", "0.99", "0.995", "0.999"};
static_assert(std::size(kQuantileNames) == kQuantileCount);

void add_quantiles(MetricFamily& to, const std::string& workload, const std::string& policy,
                   const char* reach, const std::optional<QuantileValues>& highest) {
  if (!highest) return;
  for (size_t i = 0; i < kQuantileCount; ++i) {
    add_gauge(to,
              {{"workload", workload},
               {"policy", policy},
               {"reach", reach},
               {"quantile", kQuantileNames[i]}},
              (*highest)[i]);
  }
}

}  // namespace

std::vector<MetricFamily> forecast_families(const TickRecord& record) {
  const auto gauge = [](const char* name, const char* help) {
    return family(name, help, MetricType::Gauge);
  };
  MetricFamily load = gauge("autoscaler_forecast_load",
                            "The highest minute that is expected within the lead, and within the "
                            "reach of what is kept, in the signal's own unit.");
  MetricFamily size = gauge("autoscaler_forecast_replicas",
                            "Instances that the forecast is worth, whether it may act or not.");
  MetricFamily gate = gauge("autoscaler_forecast_gate_info",
                            "Whether the forecast may act, or why it may not, always 1.");
  MetricFamily loss = gauge("autoscaler_forecast_loss_ratio",
                            "The pinball loss of three days over that of persistence; below 0.97 "
                            "it may act.");
  MetricFamily coverage = gauge("autoscaler_forecast_coverage_ratio",
                                "Share of what came in three days at or below P95.");
  MetricFamily judged = gauge("autoscaler_forecast_judged", "Forecasts that these are made of.");
  MetricFamily lead = gauge("autoscaler_forecast_lead_seconds", "How far it looks ahead.");
  MetricFamily age =
      gauge("autoscaler_forecast_age_seconds", "Since the end of the newest minute that it knows.");
  MetricFamily price = gauge("autoscaler_violation_price",
                             "What a violating minute costs, in minutes of the whole service.");
  MetricFamily left = gauge("autoscaler_slo_budget_left_ratio",
                            "Share of two weeks' error budget that is left; below 0: overspent.");
  MetricFamily burn = gauge("autoscaler_slo_burn_rate",
                            "Speed at which the last hour spent it; 1 spends just the budget.");
  for (const WorkloadTick& tick : record.workloads) {
    const WorkloadSpec& spec = tick.config->spec;
    for (const Prediction& each : tick.workload.predictions) {
      const std::string& policy = spec.policies[each.policy].name;
      const auto add = [&](MetricFamily& to, double value) {
        add_gauge(to, {{"workload", spec.name}, {"policy", policy}}, value);
      };
      add_quantiles(load, spec.name, policy, "lead", each.lead_highest);
      add_quantiles(load, spec.name, policy, "hold", each.hold_highest);
      add_gauge(gate, {{"workload", spec.name}, {"policy", policy}, {"gate", gate_name(each.gate)}},
                1);
      if (each.loss_ratio) add(loss, *each.loss_ratio);
      if (each.coverage) add(coverage, *each.coverage);
      add(judged, each.judged);
      add(lead, seconds_of(each.lead));
      if (each.at) add(age, seconds_of(record.now - *each.at));
      add(price, each.price);
    }
    for (const Proposal& proposal : tick.decision.proposals) {
      if (!proposal.forecast) continue;
      const std::string& policy = spec.policies[proposal.policy].name;
      add_gauge(size, {{"workload", spec.name}, {"policy", policy}}, *proposal.forecast);
    }
    if (!tick.workload.budget) continue;
    add_gauge(left, {{"workload", spec.name}}, tick.workload.budget->left);
    add_gauge(burn, {{"workload", spec.name}}, tick.workload.budget->burn_rate);
  }
  return {std::move(load),     std::move(size),   std::move(gate), std::move(loss),
          std::move(coverage), std::move(judged), std::move(lead), std::move(age),
          std::move(price),    std::move(left),   std::move(burn)};
}

}  // namespace autoscaler
