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

using Number = std::optional<double>;

Number seconds_or_none(const std::optional<Duration>& duration) {
  return duration ? Number(seconds_of(*duration)) : std::nullopt;
}

MetricFamily single(const char* name, const char* help, double value) {
  MetricFamily made = family(name, help, MetricType::Gauge);
  add_gauge(made, {}, value);
  return made;
}

// Adds the one number of a workload, where there is one at the moment.
template <auto kNumber>
void add_number(MetricFamily& to, const WorkloadTick& tick, Instant /*now*/) {
  const std::optional<double> number = kNumber(tick);
  if (number) add_gauge(to, {{"workload", tick.config->spec.name}}, *number);
}

// Each policy has a series in exactly one of: proposed, abstains.
void add_proposed(MetricFamily& to, const WorkloadTick& tick, Instant /*now*/) {
  const WorkloadSpec& spec = tick.config->spec;
  for (const Proposal& proposal : tick.decision.proposals) {
    if (!proposal.replicas) continue;
    const std::string& policy = spec.policies[proposal.policy].name;
    add_gauge(to, {{"workload", spec.name}, {"policy", policy}}, *proposal.replicas);
  }
}

void add_abstains(MetricFamily& to, const WorkloadTick& tick, Instant /*now*/) {
  const WorkloadSpec& spec = tick.config->spec;
  for (const Proposal& proposal : tick.decision.proposals) {
    if (proposal.replicas || !proposal.abstain) continue;
    add_gauge(to,
              {{"workload", spec.name},
               {"policy", spec.policies[proposal.policy].name},
               {"reason", abstain_reason_name(*proposal.abstain)}},
              1);
  }
}

void add_decision_info(MetricFamily& to, const WorkloadTick& tick, Instant /*now*/) {
  add_gauge(to,
            {{"workload", tick.config->spec.name},
             {"direction", direction_name(direction_of(tick.decision))},
             {"reason", reason_name(tick.decision.reason)}},
            1);
}

void add_cooldown_left(MetricFamily& to, const WorkloadTick& tick, Instant /*now*/) {
  const std::string& name = tick.config->spec.name;
  add_gauge(to, {{"workload", name}, {"direction", "out"}},
            seconds_of(tick.cooldown_out_left.value_or(Duration{0})));
  add_gauge(to, {{"workload", name}, {"direction", "in"}},
            seconds_of(tick.cooldown_in_left.value_or(Duration{0})));
}

Scene scene_of(const WorkloadTick& tick, Instant now) {
  return {tick.config->spec, tick.workload, *tick.recent, now};
}

void add_paused(MetricFamily& to, const WorkloadTick& tick, Instant now) {
  const std::string& name = tick.config->spec.name;
  const Scene scene = scene_of(tick, now);
  add_gauge(to, {{"workload", name}, {"direction", "out"}},
            is_paused(scene, Pause::Direction::kOut) ? 1 : 0);
  add_gauge(to, {{"workload", name}, {"direction", "in"}},
            is_paused(scene, Pause::Direction::kIn) ? 1 : 0);
}

void add_ordered(MetricFamily& to, const WorkloadTick& tick, Instant now) {
  const auto size = ordered_size(scene_of(tick, now));
  if (size) add_gauge(to, {{"workload", tick.config->spec.name}}, *size);
}

void add_schedule_open(MetricFamily& to, const WorkloadTick& tick, Instant /*now*/) {
  const WorkloadSpec& spec = tick.config->spec;
  for (size_t i = 0; i < spec.policies.size(); ++i) {
    if (!std::holds_alternative<ScheduleSpec>(spec.policies[i].rule)) continue;
    const auto& windows = tick.workload.windows;
    const bool is_open = std::any_of(windows.begin(), windows.end(),
                                     [i](const OpenWindow& each) { return each.policy == i; });
    add_gauge(to, {{"workload", spec.name}, {"policy", spec.policies[i].name}}, is_open ? 1 : 0);
  }
}

void add_instances(MetricFamily& to, const WorkloadTick& tick, Instant /*now*/) {
  std::array<int, kLifecycleCount> counts{};
  for (const FleetInstance& instance : tick.instances) {
    ++counts[static_cast<size_t>(instance.lifecycle)];
  }
  for (int i = 0; i < kLifecycleCount; ++i) {
    const auto lifecycle = static_cast<Lifecycle>(i);
    if (lifecycle == Lifecycle::kGone) continue;  // none of those is ever listed
    add_gauge(to, {{"workload", tick.config->spec.name}, {"lifecycle", lifecycle_name(lifecycle)}},
              counts[static_cast<size_t>(i)]);
  }
}

constexpr WorkloadFamily kSizeFamilies[] = {
    {"autoscaler_current_replicas", "The size that stands.",
     add_number<[](const WorkloadTick& w) -> Number { return w.workload.size; }>},
    {"autoscaler_wanted_replicas", "The size that was decided.",
     add_number<[](const WorkloadTick& w) -> Number { return w.decision.to; }>},
    {"autoscaler_shadow_replicas",
     "Dry-run: the size that would stand, had every decision been carried out.",
     add_number<[](const WorkloadTick& w) -> Number { return w.shadow_size; }>},
    {"autoscaler_min_replicas", "The lower bound of the size.",
     add_number<[](const WorkloadTick& w) -> Number { return w.config->spec.bounds.min; }>},
    {"autoscaler_max_replicas", "The upper bound of the size.",
     add_number<[](const WorkloadTick& w) -> Number { return w.config->spec.bounds.max; }>},
    {"autoscaler_launch_failures_in_a_row",
     "Failures to launch in a row, one a tick at most; 0 once an instance was ready for a minute.",
     add_number<[](const WorkloadTick& w) -> Number { return w.launch_failures; }>},
    {"autoscaler_target_contended",
     "1 while another autoscaler sizes the same target, so that its size is not written.",
     add_number<[](const WorkloadTick& w) { return is_contended(w) ? Number(1) : std::nullopt; }>},
    {"autoscaler_expected_time_to_ready_seconds",
     "Moving average of the time from an instance's order to its first good health check.",
     add_number<[](const WorkloadTick& w) { return seconds_or_none(w.time_to_ready); }>},
    {"autoscaler_p90_time_to_ready_seconds",
     "Nine of the last ten to twenty instances were healthy by then, from their order.",
     add_number<[](const WorkloadTick& w) { return seconds_or_none(w.workload.time_to_ready); }>},
    {"autoscaler_proposed_replicas", "The size that a policy wants; absent while it abstains.",
     add_proposed},
    {"autoscaler_policy_abstains", "1 while a policy has no size to propose, with the reason.",
     add_abstains},
    {"autoscaler_decision_info", "The direction and reason of the last decision, always 1.",
     add_decision_info},
    {"autoscaler_cooldown_left_seconds",
     "How long the workload's own cooldown still holds its size in a direction.",
     add_cooldown_left},
    // What operators, the config and schedules hold.
    {"autoscaler_paused", "1 while a pause keeps the size from changing in a direction.",
     add_paused},
    {"autoscaler_ordered_replicas",
     "The size that an operator has ordered; absent while there is none.", add_ordered},
    {"autoscaler_schedule_open",
     "1 while a window of a schedule is open or begins early, otherwise 0.", add_schedule_open},
    {"autoscaler_instances", "Instances by where they are in their life.", add_instances},
};

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

std::span<const WorkloadFamily> size_families() {
  return kSizeFamilies;
}

}  // namespace autoscaler
