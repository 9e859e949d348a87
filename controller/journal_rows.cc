#include "controller/journal_rows.h"

#include "controller/snapshot/snapshot.h"
#include "policies/total.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace autoscaler {
namespace {

// At rest each workload is recorded so often, and of very many so few in a minute that the journal
// costs no more than the decisions: 2,000 are recorded every 5 minutes.
constexpr Duration kAtLeastEvery = std::chrono::minutes(1);
constexpr int kMostInThatTime = 400;

// Workloads whose documents one answer has.
constexpr size_t kMostAtOnce = 100;

// Of demand that could not be written yet, for each workload.
constexpr size_t kMinutesKept = 60;

// What makes a decision another one, as numbers.
void decision_key(const WorkloadTick& workload, std::vector<int32_t>& key) {
  const Decision& decision = workload.decision;
  key.assign({decision.from, decision.to, static_cast<int32_t>(decision.reason),
              static_cast<int32_t>(workload.outcome)});
  for (const SignalValue& signal : decision.signals) {
    key.push_back(signal.missing ? static_cast<int32_t>(*signal.missing) : -1);
    key.push_back(signal.doubt ? static_cast<int32_t>(*signal.doubt) : -1);
  }
  for (const OpenWindow& window : workload.workload.windows) key.push_back(window.policy);
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

std::string document_of(const WorkloadTick& workload, Instant now) {
  const WorkloadConfig& config = *workload.config;
  nlohmann::json document =
      inputs_json(config, workload.workload, workload.signals, *workload.recent, now);
  document["decision"] = decision_json(config.spec, workload.decision);
  document["outcome"] = outcome_name(workload.outcome);
  return snapshot_text(config, document);
}

}  // namespace

JournalRows::JournalRows(const Config& config)
    : at_least_every_(
          kAtLeastEvery *
          std::max<int64_t>(1, static_cast<int64_t>(config.workloads.size()) / kMostInThatTime)),
      last_(config.workloads.size()) {}

JournalRows::Rows JournalRows::choose(const TickRecord& tick,
                                      const std::vector<WorkloadMemory>& memories, bool everything,
                                      size_t& from) {
  Rows rows;
  const Instant minute = std::chrono::floor<std::chrono::minutes>(tick.now);
  for (; from < tick.workloads.size() && rows.memories.size() < kMostAtOnce; ++from) {
    const size_t i = from;
    const WorkloadTick& workload = tick.workloads[i];
    const WorkloadSpec& spec = workload.config->spec;
    Last& last = last_[i];

    decision_key(workload, key_);
    const bool due = !last.recorded || tick.now - *last.recorded >= at_least_every_;
    const bool record = everything || due || key_ != last.key;
    if (record) {
      rows.records.push_back({spec.name, document_of(workload, tick.now)});
      // Those that begin in the same tick are recorded again at different times.
      const bool is_first = !last.recorded;
      last.recorded = tick.now;
      if (is_first) {
        *last.recorded -=
            at_least_every_ * static_cast<int64_t>(i) / static_cast<int64_t>(last_.size());
      }
      last.key = key_;
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
  if (from < tick.workloads.size()) return rows;
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
