#include "controller/learning.h"

#include "policies/capacity_learner.h"
#include "policies/capacity_sampler.h"
#include "policies/evaluate.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <tuple>

namespace autoscaler {
namespace {

constexpr Duration kCheckpoint = std::chrono::minutes(15);
// A caution ends without a sample, so that what was worked out is not used for longer.
constexpr Duration kFresh = std::chrono::minutes(1);
constexpr std::string_view kCapacity = "capacity:";
constexpr Duration kDemandPast = std::chrono::hours(24 * 14);
constexpr const char* kDemandSignal = "rps";  // whose demand the journal keeps

// FNV-1a, the same in every build: what is run, and with which settings.
class Revision {
 public:
  void add(std::string_view text) {
    for (const char c : text) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 1099511628211U;
    hash_ = (hash_ ^ 0xff) * 1099511628211U;  // ends a text: no byte of UTF-8
  }
  uint64_t hash() const { return hash_; }

 private:
  uint64_t hash_ = 14695981039346656037U;
};

// 0: it is not known before pods are seen.
uint64_t revision_of(const WorkloadConfig& workload) {
  const ProcessTarget* target = workload.process();
  if (target == nullptr) return 0;
  Revision revision;
  for (const std::string& argument : target->command) revision.add(argument);
  for (const auto& [name, value] : target->environment) {
    revision.add(name);
    revision.add(value);
  }
  return revision.hash();
}

uint64_t revision_of(const std::string& pods) {
  Revision revision;
  revision.add(pods);
  return revision.hash();
}

// Instances that serve, and run another command than the config names.
bool is_mixed(const FleetWorkload& fleet) {
  return std::any_of(fleet.instances.begin(), fleet.instances.end(),
                     [](const FleetInstance& i) { return i.outdated && i.serving; });
}

std::string bytes_of(const CapacityState& state) {
  return {reinterpret_cast<const char*>(&state), sizeof state};
}

std::optional<CapacityState> state_of(const LearnedRow& row) {
  CapacityState state;
  if (row.version != kCapacityVersion || row.bytes.size() != sizeof state) return std::nullopt;
  std::memcpy(&state, row.bytes.data(), sizeof state);
  if (!is_sound(state)) return std::nullopt;
  return state;
}

// In rows that are ordered by workload and part.
const LearnedRow* find_row(const std::vector<LearnedRow>& rows, const std::string& workload,
                           const std::string& part) {
  const auto row = std::lower_bound(
      rows.begin(), rows.end(), std::tie(workload, part),
      [](const LearnedRow& a, const auto& b) { return std::tie(a.workload, a.part) < b; });
  const bool found = row != rows.end() && row->workload == workload && row->part == part;
  return found ? &*row : nullptr;
}

std::string part_of(const WorkloadSpec& spec, size_t signal) {
  return std::string(kCapacity) + spec.signals[signal].name;
}

void clamp(CapacityState& state, Instant now) {
  const int64_t ms = now.time_since_epoch().count();
  for (int64_t* at : {&state.last_sample_ms, &state.steady_since_ms, &state.deployed_ms}) {
    *at = std::min(*at, ms);
  }
  for (LoadBin& bin : state.bins) bin.newest_ms = std::min(bin.newest_ms, ms);
  state.in_service = 0;  // whether they were the same meanwhile is not known
}

}  // namespace

Learning::Learning(const Config& config, GateRule gate) : config_(config) {
  for (const WorkloadConfig& workload : config.workloads) {
    LearnedWorkload learned{
        &workload.spec, revision_of(workload), {}, DemandLearning(workload.spec, gate), {}};
    for (size_t i = 0; i < workload.spec.signals.size(); ++i) {
      if (learns_capacity(workload.spec, i)) learned.loads.push_back({i, {}, {}, kNeverMs});
    }
    workloads_.push_back(std::move(learned));
  }
}

Result<std::vector<std::string>> Learning::restore(LoopJournal& journal, Instant now) {
  Result<StoredLearned> stored = journal.learned();
  if (!stored) return stored.error();
  std::vector<std::string> lost = std::move(stored->damaged);
  std::vector<LearnedRow>& rows = stored->rows;
  std::sort(rows.begin(), rows.end(), [](const LearnedRow& a, const LearnedRow& b) {
    return std::tie(a.workload, a.part) < std::tie(b.workload, b.part);
  });
  for (LearnedWorkload& workload : workloads_) {
    const std::string& name = workload.spec->name;
    for (const std::string& part : workload.demand.part_names()) {
      const LearnedRow* row = find_row(rows, name, part);
      if (row && !workload.demand.restore({row->part, row->version, row->bytes}, now)) {
        lost.push_back(name + "/" + part);
      }
    }
    for (LearnedLoad& load : workload.loads) {
      const std::string part = part_of(*workload.spec, load.signal);
      const LearnedRow* row = find_row(rows, name, part);
      if (!row) continue;
      const auto state = state_of(*row);
      if (!state) {
        lost.push_back(name + "/" + part);
        continue;
      }
      load.state = *state;
      clamp(load.state, now);
    }
  }
  const Status past = learn_past(journal, now);
  if (!past) return past.error();
  return lost;
}

// Without what is restored: the whole past, some 20,000 rows. Else the minutes since the last
// checkpoint alone.
Status Learning::learn_past(LoopJournal& journal, Instant now) {
  const Instant this_minute = std::chrono::floor<std::chrono::minutes>(now);
  for (LearnedWorkload& workload : workloads_) {
    const std::optional<int64_t> known = workload.demand.learned_until(kDemandSignal);
    if (!known) continue;
    const Instant next{std::chrono::minutes(*known + 1)};
    const auto learn = [&](const DemandRow& row) {
      const auto since = row.minute.time_since_epoch();
      workload.demand.learn_past(kDemandSignal,
                                 std::chrono::floor<std::chrono::minutes>(since).count(),
                                 row.requests_per_second);
      return true;
    };
    const Status read =
        journal.demand(workload.spec->name, std::max(now - kDemandPast, next), this_minute, learn);
    if (!read) return read;
  }
  return Done{};
}

void Learning::warm_up(WarmStart& start) {
  std::vector<ColdForecast> cold;
  for (size_t i = 0; i < workloads_.size(); ++i) {
    for (DemandLearning::Cold& each : workloads_[i].demand.cold()) {
      const SignalQuery& load = config_.workloads[i].queries[each.signal];
      if (!std::holds_alternative<PrometheusRead>(load.how)) continue;  // nobody kept its past
      cold.push_back({workloads_[i].spec->name, std::move(each.part), load, each.lead_minutes,
                      std::move(each.calendar)});
    }
  }
  if (!cold.empty()) warm_start_ = &start;
  start.want(std::move(cold));
}

bool Learning::learns(size_t index) const {
  return !workloads_[index].loads.empty() || workloads_[index].demand.learns();
}

Learned Learning::learn(size_t index, const FleetWorkload& fleet, const Workload& workload,
                        const Signals& signals, const Recent& recent, Instant now) {
  LearnedWorkload& learned = workloads_[index];
  const WorkloadSpec& spec = *learned.spec;
  const bool mixed = is_mixed(fleet);
  if (!fleet.revision.empty()) learned.revision = revision_of(fleet.revision);
  std::vector<Capacity> capacities(learned.loads.empty() ? 0 : spec.signals.size());
  for (LearnedLoad& load : learned.loads) {
    const int64_t before = load.state.last_sample_ms;
    if (learned.revision != 0) learn_revision(learned.revision, mixed, now, load.state);
    if (fleet.cluster_known) {
      learn_capacity(spec, load.signal, workload, signals, mixed, now, load.state);
    }
    const int64_t ms = now.time_since_epoch().count();
    const bool is_stale = load.capacity_of_ms == kNeverMs || ms < load.capacity_of_ms ||
                          ms - load.capacity_of_ms >= kFresh.count();
    if (is_stale || mixed || load.state.last_sample_ms != before) {
      load.capacity = capacity_of(load.state, spec.slo->p95, now);
      load.capacity_of_ms = ms;
    }
    capacities[load.signal] = load.capacity;
  }
  if (warm_start_ != nullptr) {
    for (const WarmForecast& each : warm_start_->take(spec.name)) {
      learned.demand.warm_up(each.part, each.lookahead, now);
    }
  }
  if (learned.demand.learns()) {
    const SignalValues values = read_signals(spec, workload, signals, recent, now);
    learned.demand.pass(workload.time_to_ready, {values.data(), values.size()}, now);
  }
  return {std::move(capacities), learned.demand.predictions(), learned.demand.spending()};
}

void Learning::account(const TickRecord& tick) {
  for (size_t i = 0; i < workloads_.size(); ++i) {
    workloads_[i].demand.account(tick.workloads[i], tick.now);
  }
}

std::vector<LearnedRow> Learning::left(size_t index) const {
  const LearnedWorkload& learned = workloads_[index];
  std::vector<LearnedRow> rows;
  for (const LearnedLoad& load : learned.loads) {
    if (load.state.last_sample_ms == kNeverMs) continue;
    rows.push_back({learned.spec->name, part_of(*learned.spec, load.signal), kCapacityVersion,
                    bytes_of(load.state)});
  }
  return rows;
}

std::vector<std::string> Learning::take_over(size_t index, std::vector<LearnedRow> left,
                                             Instant now) {
  LearnedWorkload& learned = workloads_[index];
  std::vector<std::string> lost;
  std::sort(left.begin(), left.end(), [](const LearnedRow& a, const LearnedRow& b) {
    return std::tie(a.workload, a.part) < std::tie(b.workload, b.part);
  });
  for (LearnedLoad& load : learned.loads) {
    const std::string part = part_of(*learned.spec, load.signal);
    const LearnedRow* row = find_row(left, learned.spec->name, part);
    if (row == nullptr) continue;
    std::optional<CapacityState> state = state_of(*row);
    if (!state) {
      lost.push_back(learned.spec->name + "/" + part);
    } else if (state->last_sample_ms > load.state.last_sample_ms) {
      clamp(*state, now);
      load.state = *state;
      load.capacity_of_ms = kNeverMs;
    }
  }
  return lost;
}

std::vector<LearnedRow> Learning::due(Instant now, bool everything) {
  std::vector<LearnedRow> rows;
  const auto count = static_cast<int64_t>(std::max<size_t>(workloads_.size(), 1));
  for (size_t i = 0; i < workloads_.size(); ++i) {
    LearnedWorkload& learned = workloads_[i];
    if (!learns(i)) continue;
    if (!learned.next) learned.next = now + kCheckpoint * static_cast<int64_t>(i + 1) / count;
    if (!everything && now < *learned.next) continue;
    learned.next = now + kCheckpoint;
    for (const LearnedLoad& load : learned.loads) {
      rows.push_back({learned.spec->name, part_of(*learned.spec, load.signal), kCapacityVersion,
                      bytes_of(load.state)});
    }
    for (DemandLearning::Part& part : learned.demand.parts()) {
      rows.push_back({learned.spec->name, part.name, part.version, std::move(part.bytes)});
    }
  }
  return rows;
}

}  // namespace autoscaler
