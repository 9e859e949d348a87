#include "controller/loop.h"

#include <algorithm>
#include <charconv>

// The second stage of a tick.
namespace autoscaler {
namespace {

bool is_scraped(Lifecycle lifecycle) {
  return lifecycle == Lifecycle::kLaunching || lifecycle == Lifecycle::kReady ||
         lifecycle == Lifecycle::kWarming || lifecycle == Lifecycle::kInService ||
         lifecycle == Lifecycle::kDraining;
}

// Whether anybody asks the instances themselves: of thousands of pods their URLs alone cost.
bool reads_pages(const WorkloadConfig& config) {
  return std::ranges::any_of(config.queries, [](const SignalQuery& query) {
    return std::holds_alternative<ScrapeRead>(query.how) ||
           std::holds_alternative<JsonRead>(query.how);
  });
}

// The metrics page of the instance; empty where its address is no host:port.
std::string page_of(const WorkloadConfig& config, const FleetInstance& instance) {
  const std::string& address = instance.address;
  if (const KubernetesTarget* pods = config.kubernetes()) {
    if (!instance.page.empty() || address.empty()) return instance.page;
    return (pods->metrics_over_tls ? "https://" : "http://") + address + pods->metrics_path;
  }
  const ProcessTarget& target = *config.process();
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return "";
  int port = 0;
  std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
  return (target.metrics_over_tls ? "https://" : "http://") + address.substr(0, colon + 1) +
         std::to_string(port + target.metrics_port_offset) + target.metrics_path;
}

SharedList<Target> targets_of(const WorkloadConfig& config,
                              const SharedList<FleetInstance>& instances) {
  const bool has_pages = reads_pages(config);
  std::vector<Target> targets;
  targets.reserve(instances.size());
  for (const FleetInstance& instance : instances) {
    if (!instance.exists || !is_scraped(instance.lifecycle)) continue;
    targets.push_back({instance.instance, has_pages ? page_of(config, instance) : "",
                       instance.address, instance.pod.get()});
  }
  return targets;
}

}  // namespace

void Loop::read(TickRecord& tick) {
  std::vector<WorkloadQuery> queries;
  std::vector<Signals> answers;
  queries.reserve(tick.workloads.size());
  answers.reserve(tick.workloads.size());
  for (size_t i = 0; i < tick.workloads.size(); ++i) {
    const WorkloadConfig& config = *tick.workloads[i].config;
    WorkloadQuery query{.workload = &config.spec.name, .signals = config.queries, .targets = {}};
    Pass& pass = passes_[i];
    const FleetWorkload& fleet = pass.fleet;
    if (fleet.scale) query.pod_selector = fleet.scale->selector;
    if (!pass.targets_of.is_same(fleet.instances)) {
      pass.targets = targets_of(config, fleet.instances);
      pass.targets_of = fleet.instances;
    }
    query.targets = pass.targets;
    queries.push_back(std::move(query));
    answers.emplace_back(config.spec.signals.size(),
                         Signal{Reading(Missing{MissingReason::kNoTarget, {}})});
  }
  std::vector<ReadError> errors;
  for (MetricSource* source : ports_.sources) {
    source->read(queries, tick.now, answers, errors);
    source->count_targets(tick.scrape_targets);
    for (SourceHealth& health : source->health()) tick.sources.push_back(std::move(health));
  }

  for (size_t i = 0; i < tick.workloads.size(); ++i) {
    tick.workloads[i].signals = std::move(answers[i]);
  }
  const auto name_of = [](const WorkloadTick& each) -> const std::string& {
    return each.config->spec.name;
  };
  for (ReadError& error : errors) {
    const auto found = std::ranges::lower_bound(tick.workloads, error.workload, {}, name_of);
    const bool is_known = found != tick.workloads.end() && name_of(*found) == error.workload;
    if (is_known) found->read_errors.push_back(std::move(error));
  }
}

}  // namespace autoscaler
