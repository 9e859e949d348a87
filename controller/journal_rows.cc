#include "controller/journal_rows.h"

#include "controller/snapshot/snapshot.h"
#include "policies/total.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace autoscaler {
namespace {

constexpr Duration kAtLeastEvery = std::chrono::minutes(1);

// Of demand that could not be written yet, for each workload.
constexpr size_t kMinutesKept = 60;

std::string decision_key(const WorkloadTick& workload) {
  const Decision& decision = workload.decision;
  std::string key = std::to_string(decision.from) + ">" + std::to_string(decision.to) + " " +
                    reason_name(decision.reason) + " " + outcome_name(workload.outcome);
  for (const SignalValue& signal : decision.signals) {
    key += ' ';
    key += signal.missing ? missing_reason_name(*signal.missing)
           : signal.doubt ? doubt_name(*signal.doubt)
                          : "ok";
  }
  for (const OpenWindow& window : workload.workload.windows) {
    key += " window " + std::to_string(window.policy);
  }
  return key;
}

// The largest of the minute for demand, the latest for the rest: forecasts are made of maxima, so
// that a burst inside a minute is not averaged away.
void add_sample(const WorkloadTick& workload, DemandRow& row) {
  const std::vector<SignalSpec>& specs = workload.config->spec.signals;
  for (size_t i = 0; i < specs.size() && i < workload.decision.signals.size(); ++i) {
    const std::optional<double> value = workload.decision.signals[i].value;
    if (!value) continue;
    if (specs[i].name == "rps") {
      row.requests_per_second =
          std::max(row.requests_per_second, total_of(specs[i], workload.decision.signals[i]));
    } else if (specs[i].name == "latency") {
      row.p95_seconds = value;
    } else if (specs[i].name == "errors") {
      row.error_ratio = value;
    } else if (specs[i].name == "cpu") {
      row.cpu = value;
    }
  }
  row.instances = static_cast<int32_t>(
      std::count_if(workload.instances.begin(), workload.instances.end(),
                    [](const auto& i) { return i.lifecycle == Lifecycle::kInService; }));
}

}  // namespace

JournalRows::JournalRows(const Config& config) : last_(config.workloads.size()) {}

JournalRows::Rows JournalRows::choose(const TickRecord& tick,
                                      const std::vector<WorkloadMemory>& memories,
                                      bool everything) {
  Rows rows;
  const Instant minute = std::chrono::floor<std::chrono::minutes>(tick.now);
  for (size_t i = 0; i < tick.workloads.size(); ++i) {
    const WorkloadTick& workload = tick.workloads[i];
    const WorkloadSpec& spec = workload.config->spec;
    Last& last = last_[i];

    std::string key = decision_key(workload);
    const bool due = !last.recorded || tick.now - *last.recorded >= kAtLeastEvery;
    const bool record = everything || due || key != last.key;
    if (record) {
      nlohmann::json document = snapshot_json(*workload.config, workload.workload, workload.signals,
                                              workload.recent, tick.now);
      document["decision"] = decision_json(spec, workload.decision);
      document["outcome"] = outcome_name(workload.outcome);
      rows.records.push_back({spec.name, document.dump()});
      last.key = std::move(key);
      last.recorded = tick.now;
    }
    const bool resized = workload.decision.to != workload.decision.from;
    if (record || resized || !(memories[i].instances == last.instances)) {
      rows.memories.push_back({spec.name, memory_json(spec, memories[i]).dump()});
      last.instances = memories[i].instances;
    }
    if (last.demand && last.demand->minute != minute) {
      unwritten_.push_back(std::move(*last.demand));
      last.demand.reset();
    }
    if (!last.demand) last.demand = DemandRow{.workload = spec.name, .minute = minute};
    add_sample(workload, *last.demand);
  }
  const size_t most = kMinutesKept * last_.size();
  if (unwritten_.size() > most) {
    unwritten_.erase(unwritten_.begin(), unwritten_.end() - static_cast<ptrdiff_t>(most));
  }
  rows.demand = unwritten_;
  return rows;
}

std::vector<DemandRow> JournalRows::rest() const {
  std::vector<DemandRow> rows = unwritten_;
  for (const Last& last : last_) {
    if (last.demand) rows.push_back(*last.demand);
  }
  return rows;
}

}  // namespace autoscaler
