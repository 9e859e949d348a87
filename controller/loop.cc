#include "controller/loop.h"

#include "base/check.h"
#include "controller/crash_point.h"
#include "controller/lifecycle.h"
#include "controller/orders.h"
#include "controller/plan.h"
#include "controller/restore.h"
#include "controller/scale.h"
#include "controller/shadow.h"
#include "controller/snapshot/snapshot.h"
#include "policies/cooldown.h"
#include "policies/evaluate.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace autoscaler {
namespace {

// The real size: what counts, and what serves in the balancer though no cluster shows it.
int32_t size_found(const FleetWorkload& fleet, const Workload& workload) {
  const auto only_in_balancer =
      std::count_if(fleet.instances.begin(), fleet.instances.end(), is_left_alone);
  return workload.status_size + static_cast<int32_t>(only_in_balancer);
}

}  // namespace

Loop::Loop(std::shared_ptr<const Config> config, Ports ports, LoopJournal& journal, bool dry_run,
           std::vector<Sink> sinks, uint64_t ticks_before)
    : config_(std::move(config)),
      ports_(std::move(ports)),
      journal_(journal),
      dry_run_(dry_run),
      sinks_(std::move(sinks)),
      memories_(config_->workloads.size()),
      passes_(config_->workloads.size()),
      stood_by_(config_->workloads.size()),
      seen_pods_(config_->workloads.size()),
      led_(config_->workloads.size()),
      unknown_since_(config_->workloads.size()),
      rows_(*config_),
      learning_(*config_, ports_.gate),
      ticks_(ticks_before) {
  for (const WorkloadConfig& workload : config_->workloads) windows_.emplace_back(workload.spec);
}

Status Loop::restore() {
  const Instant now = ports_.clock.now();
  Result<std::vector<MemoryRow>> rows = journal_.memories();
  if (!rows) return rows.error();
  for (const MemoryRow& row : *rows) {
    for (size_t i = 0; i < config_->workloads.size(); ++i) {
      const WorkloadSpec& spec = config_->workloads[i].spec;
      if (spec.name != row.workload) continue;
      Result<WorkloadMemory> memory = parse_memory(spec, row.document);
      if (!memory) return memory.error();
      memories_[i] = std::move(*memory);
      take_up(spec, config_->controller.interval, now, memories_[i]);
    }
  }
  Result<std::vector<std::string>> lost = learning_.restore(journal_, now);
  if (!lost) return lost.error();
  not_restored_ = std::move(*lost);
  if (ports_.warm_start != nullptr) learning_.warm_up(*ports_.warm_start);
  return Done{};
}

std::shared_ptr<TickRecord> Loop::begin_tick() {
  std::shared_ptr<TickRecord> tick = records_.take();
  tick->config = config_;
  tick->now = ports_.clock.now();
  tick->dry_run = dry_run_;
  tick->number = ++ticks_;
  if (ports_.election != nullptr) tick->shards = ports_.election->state();
  tick->workloads.resize(config_->workloads.size());
  for (size_t i = 0; i < tick->workloads.size(); ++i) {
    WorkloadTick& workload = tick->workloads[i];
    workload.config = &config_->workloads[i];
    if (tick->shards.empty() || workload.config->kubernetes() == nullptr) continue;
    workload.shard = shard_of(workload.config->spec.name, tick->shards.size());
    workload.leads = tick->shards[*workload.shard].leads;
  }
  return tick;
}

std::shared_ptr<const TickRecord> Loop::tick() {
  const std::shared_ptr<TickRecord> tick = begin_tick();
  const std::chrono::nanoseconds begin = ports_.clock.elapsed();
  std::chrono::nanoseconds before = begin;
  auto timed = [&](Stage stage, auto run) {
    (this->*run)(*tick);
    const std::chrono::nanoseconds after = ports_.clock.elapsed();
    tick->stages[static_cast<size_t>(stage)] = after - before;
    before = after;
  };
  timed(Stage::kObserve, &Loop::observe);
  timed(Stage::kRead, &Loop::read);
  timed(Stage::kLearn, &Loop::learn);
  timed(Stage::kEvaluate, &Loop::evaluate);
  timed(Stage::kPlan, &Loop::plan);
  timed(Stage::kApply, &Loop::apply);
  timed(Stage::kRecord, &Loop::record_all);
  leave(*tick);
  for (size_t i = 0; i < stood_by_.size(); ++i) stood_by_[i] = !tick->workloads[i].leads;
  tick->overran = before - begin > config_->controller.interval;

  for (const Sink& sink : sinks_) sink(tick);
  return tick;
}

bool Loop::wind_down() {
  ending_ = true;
  const std::shared_ptr<TickRecord> tick = begin_tick();
  observe(*tick);
  read(*tick);
  evaluate(*tick);
  plan(*tick);
  apply(*tick);
  record_all(*tick);
  for (const Sink& sink : sinks_) sink(tick);
  return std::ranges::all_of(tick->workloads, [](const WorkloadTick& workload) {
    if (workload.config->kubernetes() != nullptr) return true;  // not ours to stop
    return !workload.cluster_error && std::ranges::all_of(workload.instances, is_left_alone);
  });
}

void Loop::learn(TickRecord& tick) {
  for (size_t i = 0; i < tick.workloads.size(); ++i) {
    WorkloadMemory& memory = memories_[i];
    for (const InstanceMemory& instance : memory.instances) {
      if (instance.ready != tick.now || instance.requested == tick.now) continue;
      const Duration took = *instance.ready - instance.requested;
      remember_ready(took, memory);
      tick.workloads[i].became_ready.push_back(took);
    }
    for (const Duration took : passes_[i].fleet.became_ready) {
      remember_ready(took, memory);
      tick.workloads[i].became_ready.push_back(took);
    }
    tick.workloads[i].time_to_ready = memory.time_to_ready;
    tick.workloads[i].launch_failures = memory.backoff.failures;
    if (!learning_.learns(i)) continue;
    Pass& pass = passes_[i];
    pass.learned =
        learning_.learn(i, pass.fleet, workload_of(pass.fleet, memory, journal_writable_),
                        tick.workloads[i].signals, *memory.recent, tick.now);
  }
}

void Loop::evaluate(TickRecord& tick) {
  for (size_t i = 0; i < tick.workloads.size(); ++i) {
    WorkloadTick& workload = tick.workloads[i];
    WorkloadMemory& memory = memories_[i];
    const WorkloadSpec& spec = workload.config->spec;
    const FleetWorkload& fleet = passes_[i].fleet;
    drop_what_is_over(memory.orders, tick.now);
    workload.workload = workload_of(fleet, memory, journal_writable_);
    hear_target(fleet, tick.now, workload);
    workload.workload.windows = windows_[i].at(tick.now, memory.time_to_ready);
    const bool first = !memory.recent->first_seen;
    const bool is_scale = workload.config->kubernetes() != nullptr;  // take_scale saw its size
    if ((first || dry_run_) && !is_scale) memory.desired = size_found(fleet, workload.workload);
    workload.workload.size = memory.desired;
    const Learned& learned = passes_[i].learned;
    workload.workload.capacities = learned.capacities;
    workload.workload.predictions = learned.predictions;
    workload.workload.budget = learned.budget;
    if (first) memory.recent = first_sight(spec, memory.desired, tick.now);
    // A cluster that has not answered yet has not been seen: its instances must not be a surplus.
    if (!fleet.cluster_known && first) memory.recent.edit().first_seen.reset();
    workload.decision =
        autoscaler::evaluate(spec, workload.workload, workload.signals, *memory.recent, tick.now);
    workload.cooldown_out_left = cooldown_out_left(spec, *memory.recent, tick.now);
    workload.cooldown_in_left = cooldown_in_left(spec, *memory.recent, tick.now);
    if (!ending_) continue;
    workload.decision.to = is_scale ? workload.decision.from : 0;
    workload.decision.reason = Reason::kStopping;
  }
}

// The memory is advanced as if every change succeeded, so that what the journal holds before an
// action is what must be true after a crash in the middle of it; `settle` corrects it.
void Loop::plan(TickRecord& tick) {
  for (size_t i = 0; i < tick.workloads.size(); ++i) {
    const WorkloadTick& workload = tick.workloads[i];
    const Decision& decision = workload.decision;
    Pass& pass = passes_[i];
    pass.next = memories_[i];
    pass.next.desired = decision.to;
    record(workload.config->spec, decision,
           decision.to == decision.from ? Outcome::kHeld : Outcome::kApplied, tick.now,
           pass.next.recent.edit());
    const PlanLimits limits{.may_remove = journal_writable_ || ending_};
    pass.changes = workload.config->kubernetes() != nullptr
                       ? plan_resize(pass.fleet, decision, workload.signals, tick.now, pass.next)
                       : autoscaler::plan(pass.fleet, decision.to, limits, tick.now, pass.next);
  }
}

// All of them before the first change is made.
Status Loop::write_intents(Instant now) {
  constexpr size_t kMostAtOnce = 250;  // workloads
  if (std::ranges::all_of(passes_, [](const Pass& pass) { return pass.changes.empty(); })) {
    return Done{};
  }
  size_t next = 0;
  const auto next_part = [&] {
    IntentPart part;
    for (; next < passes_.size() && part.memories.size() < kMostAtOnce; ++next) {
      const Pass& pass = passes_[next];
      if (pass.changes.empty()) continue;
      const WorkloadSpec& spec = config_->workloads[next].spec;
      for (const Change& change : pass.changes) {
        crash_point(change_name(change), "planned");
        part.intents.push_back({spec.name, change_subject(change), change_name(change)});
      }
      part.memories.push_back({spec.name, memory_json(spec, pass.next).dump()});
    }
    return part;
  };
  return journal_.intend(next_part, now);
}

void Loop::apply(TickRecord& tick) {
  if (!dry_run_ && journal_writable_) {
    if (const Status written = write_intents(tick.now); !written) {
      journal_error_ = written.error();
      journal_writable_ = false;  // decided anew: nothing may start to leave without a journal
      evaluate(tick);
      plan(tick);
    }
  }
  std::vector<Change> for_balancer;
  std::vector<Change> for_cluster;
  std::vector<ChangeResult> results;
  for (size_t i = 0; i < passes_.size(); ++i) {
    for (const Change& change : passes_[i].changes) {
      crash_point(change_name(change), "intended");
      if (!tick.workloads[i].leads) {  // who leads from mid-tick on has not read what was left
        results.push_back({change, true, std::nullopt});
        continue;
      }
      (is_of_cluster(change) ? for_cluster : for_balancer).push_back(change);
    }
  }
  auto run = [&](auto& writer, const std::vector<Change>& changes) {
    if (changes.empty()) return;
    for (ChangeResult& result : writer.apply(changes, tick.now)) {
      crash_point(change_name(result.change), "applied");
      results.push_back(std::move(result));
    }
  };
  run(ports_.balancer_writer, for_balancer);
  run(ports_.cluster_writer, for_cluster);
  std::stable_sort(results.begin(), results.end(), [](const auto& a, const auto& b) {
    return change_workload(a.change) < change_workload(b.change);
  });

  auto next = results.begin();
  for (size_t i = 0; i < tick.workloads.size(); ++i) {
    WorkloadTick& workload = tick.workloads[i];
    while (next != results.end() && change_workload(next->change) == workload.config->spec.name) {
      workload.changes.push_back(std::move(*next++));
    }
    settle(i, workload, tick.now);
  }
  CHECK(next == results.end());
}

// What the memory must be, now that the outcome is known.
void Loop::settle(size_t index, WorkloadTick& workload, Instant now) {
  const WorkloadSpec& spec = workload.config->spec;
  WorkloadMemory& memory = memories_[index];
  WorkloadMemory& next = passes_[index].next;
  workload.outcome = outcome_of(workload, dry_run_);
  if (dry_run_) next = memory;  // nothing was done
  const Resized resized = resized_by(workload.changes);
  if (resized == Resized::kYes || resized == Resized::kNo) next.unsettled.reset();
  // A step from a size that was never reached would lead, tick by tick, to the maximum.
  const bool is_failed = workload.outcome == Outcome::kFailed && resized != Resized::kUnknown;
  if (is_failed) next.desired = workload.decision.from;
  if (dry_run_ || is_failed) {
    next.recent = memory.recent;
    record(spec, workload.decision, workload.outcome, now, next.recent.edit());
  }
  std::vector<InstanceId> refused;
  for (const ChangeResult& result : workload.changes) {
    const auto* launch = std::get_if<Launch>(&result.change);
    // One that did not answer in time may be there: it is looked for, and asked for again.
    const bool is_refused = launch && result.error && result.error->code != Code::kTimeout;
    if (is_refused) refused.push_back(launch->instance);
  }
  forget_refused_launches(refused, now, next);
  if (dry_run_) {
    advance_shadow(spec, workload.workload, workload.decision, now, next);
    workload.shadow_size = shadow_size(*next.shadow, now);
  }
  workload.launch_failures = next.backoff.failures;
  workload.instances = passes_[index].fleet.instances;
  workload.recent = memory.recent;
  std::swap(memory, next);
}

Status Loop::end() {
  const Instant now = ports_.clock.now();
  for (size_t i = 0; i < led_.size(); ++i) {
    if (led_[i]) leave(i, true);
  }
  std::vector<MemoryRow> memories;
  for (size_t i = 0; i < memories_.size(); ++i) {
    const WorkloadSpec& spec = config_->workloads[i].spec;
    memories.push_back({spec.name, memory_json(spec, memories_[i]).dump()});
  }
  if (Status written = journal_.append({}, rows_.rest(), memories, now); !written) return written;
  return journal_.checkpoint(learning_.due(now, true), now);
}

// A record and the memory that belongs to it are in one transaction; once one fails, what is left
// of the tick comes again with the next, with all rows.
void Loop::append_rows(const TickRecord& tick) {
  const bool everything = !journal_writable_;
  Status written = Done{};
  bool is_tried = false;
  for (size_t next = 0; next < tick.workloads.size();) {
    const JournalRows::Rows rows = rows_.choose(tick, memories_, everything, next);
    if (rows.empty() || !written) continue;
    is_tried = true;
    written = journal_.append(rows.records, rows.demand, rows.memories, tick.now);
  }
  if (!is_tried) return;
  journal_writable_ = written.ok();
  if (written) rows_.written();
  journal_error_ = written ? std::nullopt : std::optional(written.error());
}

void Loop::record_all(TickRecord& tick) {
  learning_.account(tick);
  append_rows(tick);
  if (journal_writable_) {
    if (const auto learned = learning_.due(tick.now, false); !learned.empty()) {
      const Status written = journal_.checkpoint(learned, tick.now);
      if (!written) journal_error_ = written.error();
    }
    if (const Status pruned = journal_.prune(tick.now); !pruned) tick.prune_error = pruned.error();
  }
  tick.journal_error = journal_error_;
  for (const WorkloadTick& workload : tick.workloads) {
    for (const ChangeResult& result : workload.changes) {
      crash_point(change_name(result.change), "recorded");
    }
  }
}

}  // namespace autoscaler
