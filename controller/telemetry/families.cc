#include "controller/telemetry/families.h"

#include "controller/telemetry/direction.h"
#include "policies/pause.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace autoscaler {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

// One number for a workload, or none at the moment.
struct WorkloadGauge {
  const char* name;
  const char* help;
  std::optional<double> (*value)(const WorkloadTick&);
};

constexpr WorkloadGauge kWorkloadGauges[] = {
    {"autoscaler_current_replicas", "The size that stands.",
     [](const WorkloadTick& w) -> std::optional<double> { return w.workload.size; }},
    {"autoscaler_wanted_replicas", "The size that was decided.",
     [](const WorkloadTick& w) -> std::optional<double> { return w.decision.to; }},
    {"autoscaler_shadow_replicas",
     "Dry-run: the size that would stand, had every decision been carried out.",
     [](const WorkloadTick& w) -> std::optional<double> { return w.shadow_size; }},
    {"autoscaler_min_replicas", "The lower bound of the size.",
     [](const WorkloadTick& w) -> std::optional<double> { return w.config->spec.bounds.min; }},
    {"autoscaler_max_replicas", "The upper bound of the size.",
     [](const WorkloadTick& w) -> std::optional<double> { return w.config->spec.bounds.max; }},
    {"autoscaler_launch_failures_in_a_row",
     "Failures to launch in a row, one a tick at most; 0 once an instance was ready for a minute.",
     [](const WorkloadTick& w) -> std::optional<double> { return w.launch_failures; }},
    {"autoscaler_target_contended",
     "1 while another autoscaler sizes the same target, so that its size is not written.",
     [](const WorkloadTick& w) -> std::optional<double> {
       if (!is_contended(w)) return std::nullopt;
       return 1;
     }},
    {"autoscaler_expected_time_to_ready_seconds",
     "Moving average of the time from an instance's order to its first good health check.",
     [](const WorkloadTick& w) -> std::optional<double> {
       if (!w.time_to_ready) return std::nullopt;
       return seconds_of(*w.time_to_ready);
     }},
    {"autoscaler_p90_time_to_ready_seconds",
     "Nine of the last ten to twenty instances were healthy by then, from their order.",
     [](const WorkloadTick& w) -> std::optional<double> {
       if (!w.workload.time_to_ready) return std::nullopt;
       return seconds_of(*w.workload.time_to_ready);
     }},
};

MetricFamily single(const char* name, const char* help, double value) {
  MetricFamily made = family(name, help, MetricType::Gauge);
  add_gauge(made, {}, value);
  return made;
}

MetricFamily one_number(const TickRecord& record, const WorkloadGauge& gauge) {
  MetricFamily numbers = family(gauge.name, gauge.help, MetricType::Gauge);
  for (const WorkloadTick& workload : record.workloads) {
    const std::optional<double> value = gauge.value(workload);
    if (value) add_gauge(numbers, {{"workload", workload.config->spec.name}}, *value);
  }
  return numbers;
}

// Each policy has a series in exactly one of: proposed, abstains.
void take_proposals(const TickRecord& record, const std::function<void(MetricFamily)>& take) {
  MetricFamily proposed =
      family("autoscaler_proposed_replicas",
             "The size that a policy wants; absent while it abstains.", MetricType::Gauge);
  MetricFamily abstains =
      family("autoscaler_policy_abstains",
             "1 while a policy has no size to propose, with the reason.", MetricType::Gauge);
  for (const WorkloadTick& workload : record.workloads) {
    const WorkloadSpec& spec = workload.config->spec;
    for (const Proposal& proposal : workload.decision.proposals) {
      const std::string& policy = spec.policies[proposal.policy].name;
      if (proposal.replicas) {
        add_gauge(proposed, {{"workload", spec.name}, {"policy", policy}}, *proposal.replicas);
      } else if (proposal.abstain) {
        add_gauge(abstains,
                  {{"workload", spec.name},
                   {"policy", policy},
                   {"reason", abstain_reason_name(*proposal.abstain)}},
                  1);
      }
    }
  }
  take(std::move(proposed));
  take(std::move(abstains));
}

MetricFamily decision_info(const TickRecord& record) {
  MetricFamily info =
      family("autoscaler_decision_info", "The direction and reason of the last decision, always 1.",
             MetricType::Gauge);
  for (const WorkloadTick& workload : record.workloads) {
    add_gauge(info,
              {{"workload", workload.config->spec.name},
               {"direction", direction_name(direction_of(workload.decision))},
               {"reason", reason_name(workload.decision.reason)}},
              1);
  }
  return info;
}

MetricFamily cooldown_left(const TickRecord& record) {
  MetricFamily left =
      family("autoscaler_cooldown_left_seconds",
             "How long the workload's own cooldown still holds its size in a direction.",
             MetricType::Gauge);
  for (const WorkloadTick& workload : record.workloads) {
    const std::string& name = workload.config->spec.name;
    add_gauge(left, {{"workload", name}, {"direction", "out"}},
              seconds_of(workload.cooldown_out_left.value_or(Duration{0})));
    add_gauge(left, {{"workload", name}, {"direction", "in"}},
              seconds_of(workload.cooldown_in_left.value_or(Duration{0})));
  }
  return left;
}

// What operators, the config and schedules hold.
void take_orders(const TickRecord& record, const std::function<void(MetricFamily)>& take) {
  MetricFamily paused =
      family("autoscaler_paused", "1 while a pause keeps the size from changing in a direction.",
             MetricType::Gauge);
  MetricFamily ordered = family(
      "autoscaler_ordered_replicas",
      "The size that an operator has ordered; absent while there is none.", MetricType::Gauge);
  MetricFamily open = family("autoscaler_schedule_open",
                             "1 while a window of a schedule is open or begins early, otherwise 0.",
                             MetricType::Gauge);
  for (const WorkloadTick& tick : record.workloads) {
    const WorkloadSpec& spec = tick.config->spec;
    const Scene scene{spec, tick.workload, tick.recent, record.now};
    add_gauge(paused, {{"workload", spec.name}, {"direction", "out"}},
              is_paused(scene, Pause::Direction::kOut) ? 1 : 0);
    add_gauge(paused, {{"workload", spec.name}, {"direction", "in"}},
              is_paused(scene, Pause::Direction::kIn) ? 1 : 0);
    if (const auto size = ordered_size(scene)) {
      add_gauge(ordered, {{"workload", spec.name}}, *size);
    }
    for (size_t i = 0; i < spec.policies.size(); ++i) {
      if (!std::holds_alternative<ScheduleSpec>(spec.policies[i].rule)) continue;
      const auto& windows = tick.workload.windows;
      const bool is_open = std::any_of(windows.begin(), windows.end(),
                                       [i](const OpenWindow& each) { return each.policy == i; });
      add_gauge(open, {{"workload", spec.name}, {"policy", spec.policies[i].name}},
                is_open ? 1 : 0);
    }
  }
  take(std::move(paused));
  take(std::move(ordered));
  take(std::move(open));
}

MetricFamily instances(const TickRecord& record) {
  MetricFamily by_lifecycle = family(
      "autoscaler_instances", "Instances by where they are in their life.", MetricType::Gauge);
  for (const WorkloadTick& workload : record.workloads) {
    std::array<int, kLifecycleCount> counts{};
    for (const FleetInstance& instance : workload.instances) {
      ++counts[static_cast<size_t>(instance.lifecycle)];
    }
    for (int i = 0; i < kLifecycleCount; ++i) {
      const auto lifecycle = static_cast<Lifecycle>(i);
      if (lifecycle == Lifecycle::kGone) continue;  // none of those is ever listed
      add_gauge(
          by_lifecycle,
          {{"workload", workload.config->spec.name}, {"lifecycle", lifecycle_name(lifecycle)}},
          counts[static_cast<size_t>(i)]);
    }
  }
  return by_lifecycle;
}

}  // namespace

double seconds_of(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

MetricFamily family(const char* name, const char* help, MetricType type) {
  MetricFamily made;
  made.name = name;
  made.help = help;
  made.type = type;
  return made;
}

void add_gauge(MetricFamily& to, std::initializer_list<prometheus::ClientMetric::Label> labels,
               double value) {
  if (!std::isfinite(value)) return;
  prometheus::ClientMetric& series = to.metric.emplace_back();
  series.label = labels;
  series.gauge.value = value;
}

// One series for each state, however many targets there are.
MetricFamily scrape_targets(const TickRecord& record) {
  MetricFamily made = family("autoscaler_scrape_targets",
                             "Targets of scrapes by how they are doing.", MetricType::Gauge);
  const TargetCounts& counts = record.scrape_targets;
  for (const auto& [state, count] :
       {std::pair("good", counts.good), std::pair("failing", counts.failing),
        std::pair("paused", counts.paused), std::pair("waiting", counts.waiting)}) {
    add_gauge(made, {{"state", state}}, static_cast<double>(count));
  }
  return made;
}

std::vector<MetricFamily> config_families(const ConfigStatus& status) {
  return {
      single("autoscaler_config_last_reload_successful",
             "1 while the config file as it stands is what runs.", status.problems.empty() ? 1 : 0),
      single("autoscaler_config_last_reload_success_timestamp_seconds",
             "When the config that runs was taken up.",
             seconds_of(status.taken_up.time_since_epoch())),
      single("autoscaler_scaling_policies_refused",
             "ScalingPolicies that do not run as they stand.",
             static_cast<double>(status.refused.size()))};
}

std::vector<MetricFamily> tick_families(const TickRecord& record) {
  MetricFamily breakers =
      family("autoscaler_source_breaker_state",
             "Whether a server that signals are read from is asked: 0 yes (closed), 1 one probe is "
             "under way (half open), 2 no, it failed too often in a row (open).",
             MetricType::Gauge);
  for (const SourceHealth& health : record.sources) {
    add_gauge(breakers, {{"source", health.source}}, static_cast<double>(health.state));
  }
  MetricFamily leader =
      family("autoscaler_leader",
             "1 while this controller holds the lease and writes the sizes of its shard.",
             MetricType::Gauge);
  MetricFamily transitions =
      family("autoscaler_lease_transitions_total",
             "Times that this controller began or ceased to lead.", MetricType::Counter);
  for (const Leadership& shard : record.shards) {
    add_gauge(leader, {{"lease", shard.lease}}, shard.leads ? 1 : 0);
    prometheus::ClientMetric& series = transitions.metric.emplace_back();
    series.label = {{"lease", shard.lease}};
    series.counter.value = static_cast<double>(shard.transitions);
  }
  return {scrape_targets(record),
          std::move(breakers),
          std::move(leader),
          std::move(transitions),
          single("autoscaler_last_tick_timestamp_seconds", "When the last completed tick began.",
                 seconds_of(record.now.time_since_epoch())),
          single("autoscaler_journal_up", "1 while the journal can be written.",
                 record.journal_error ? 0 : 1),
          single("autoscaler_dry_run", "1 when nothing is carried out.", record.dry_run ? 1 : 0)};
}

void workload_families(const TickRecord& record, const std::function<void(MetricFamily)>& take) {
  for (const WorkloadGauge& gauge : kWorkloadGauges) take(one_number(record, gauge));
  for (MetricFamily& of_signals : signal_families(record)) take(std::move(of_signals));
  take_proposals(record, take);
  take(decision_info(record));
  take(cooldown_left(record));
  take_orders(record, take);
  take(instances(record));
}

}  // namespace autoscaler
