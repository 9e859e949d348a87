#include "controller/telemetry/totals.h"

#include <prometheus/gauge.h>

namespace autoscaler {
namespace {

using prometheus::Counter;
using prometheus::Family;

// From a tick of nothing (a tenth of a millisecond) to one that overruns any sensible interval.
const prometheus::Histogram::BucketBoundaries kTickBuckets = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
    0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};

Family<Counter>& counters(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

}  // namespace

Totals::Totals() {
  make_decision_counters();
  make_error_counters();
  make_tick_metrics();
}

void Totals::make_decision_counters() {
  auto& decisions = counters(registry_, "autoscaler_decisions_total",
                             "Decisions, one for each workload and tick.");
  for (int d = 0; d < kDirectionCount; ++d) {
    for (int r = 0; r < kReasonCount; ++r) {
      decisions_[d][r] = &decisions.Add({{"direction", direction_name(static_cast<Direction>(d))},
                                         {"reason", reason_name(static_cast<Reason>(r))}});
    }
  }
  auto& adjustments = counters(registry_, "autoscaler_adjustments_total",
                               "Decisions whose number a rule moved, by rule.");
  for (int r = 0; r < kRuleCount; ++r) {
    adjustments_[r] = &adjustments.Add({{"rule", rule_name(static_cast<Rule>(r))}});
  }
  auto& changes = counters(registry_, "autoscaler_changes_total",
                           "Changes asked of the cluster and the balancer; applied means begun; "
                           "waiting, a detach while connections are attached.");
  const Change kinds[] = {Launch{}, Attach{}, Drain{}, Detach{}, Terminate{}, Resize{}};
  static_assert(std::size(kinds) == kChangeKinds);
  constexpr const char* kOutcomeNames[kOutcomes] = {"applied", "skipped", "failed", "waiting"};
  for (const Change& kind : kinds) {
    for (int o = 0; o < kOutcomes; ++o) {
      changes_[kind.index()][o] =
          &changes.Add({{"change", change_name(kind)}, {"outcome", kOutcomeNames[o]}});
    }
  }
}

void Totals::make_error_counters() {
  auto& reads = counters(registry_, "autoscaler_read_errors_total",
                         "Readings that failed, by where they were read from and why.");
  for (int s = 0; s < kReadFromCount; ++s) {
    for (int r = 0; r < kMissingReasonCount; ++r) {
      read_errors_[s][r] =
          &reads.Add({{"source", read_from_name(static_cast<ReadFrom>(s))},
                      {"reason", missing_reason_name(static_cast<MissingReason>(r))}});
    }
  }
  auto& errors = counters(registry_, "autoscaler_errors_total",
                          "Failed observations (one for each workload), changes, and writes of the "
                          "journal and of statuses, by what was called.");
  constexpr const char* kSourceNames[kSources] = {"cluster", "balancer", "journal", "status"};
  for (int s = 0; s < kSources; ++s) {
    for (int c = 0; c < kCodes; ++c) {
      errors_[s][c] =
          &errors.Add({{"source", kSourceNames[s]}, {"reason", code_name(static_cast<Code>(c))}});
    }
  }
}

void Totals::make_tick_metrics() {
  ticks_ = &counters(registry_, "autoscaler_ticks_total", "Ticks completed.").Add({});
  overruns_ = &counters(registry_, "autoscaler_tick_overruns_total",
                        "Ticks that took longer than the interval.")
                   .Add({});
  tick_seconds_ = &prometheus::BuildHistogram()
                       .Name("autoscaler_tick_duration_seconds")
                       .Help("How long a whole tick takes.")
                       .Register(registry_)
                       .Add({}, kTickBuckets);
  auto& stages = prometheus::BuildHistogram()
                     .Name("autoscaler_tick_stage_duration_seconds")
                     .Help("How long each stage of a tick takes.")
                     .Register(registry_);
  for (int s = 0; s < kStageCount; ++s) {
    stage_seconds_[s] = &stages.Add({{"stage", stage_name(static_cast<Stage>(s))}}, kTickBuckets);
  }
  prometheus::BuildGauge()
      .Name("autoscaler_build_info")
      .Help("The version of the program, always 1.")
      .Register(registry_)
      .Add({{"version", AUTOSCALER_VERSION}})
      .Set(1);
}

void Totals::count(const TickRecord& record) {
  ticks_->Increment();
  if (record.overran) overruns_->Increment();
  double whole = 0;
  for (int s = 0; s < kStageCount; ++s) {
    const double seconds = std::chrono::duration<double>(record.stages[s]).count();
    stage_seconds_[s]->Observe(seconds);
    whole += seconds;
  }
  tick_seconds_->Observe(whole);
  if (record.journal_error) count_error(Source::kJournal, *record.journal_error);
  if (record.prune_error) count_error(Source::kJournal, *record.prune_error);
  for (const Code code : record.leave_errors) count_error(Source::kStatus, {code, ""});

  for (const WorkloadTick& workload : record.workloads) {
    const Decision& decision = workload.decision;
    decisions_[static_cast<size_t>(direction_of(decision))][static_cast<size_t>(decision.reason)]
        ->Increment();
    for (const Adjustment& adjustment : decision.adjustments) {
      adjustments_[static_cast<size_t>(adjustment.rule)]->Increment();
    }
    for (const ChangeResult& result : workload.changes) count_change(result);
    for (const ReadError& error : workload.read_errors) {
      read_errors_[static_cast<size_t>(error.from)][static_cast<size_t>(error.reason)]->Increment();
    }
    if (workload.cluster_error) count_error(Source::kCluster, *workload.cluster_error);
    for (const Error& error : workload.target_errors) {
      if (!is_rival(error)) count_error(Source::kCluster, error);
    }
    if (workload.balancer_error) count_error(Source::kBalancer, *workload.balancer_error);
  }
}

void Totals::count_change(const ChangeResult& result) {
  Outcome outcome = result.skipped ? Outcome::kSkipped : Outcome::kApplied;
  if (is_waiting(result)) {
    outcome = Outcome::kWaiting;
  } else if (result.error) {
    outcome = Outcome::kFailed;
    count_error(is_of_cluster(result.change) ? Source::kCluster : Source::kBalancer, *result.error);
  }
  changes_[result.change.index()][static_cast<size_t>(outcome)]->Increment();
}

void Totals::count_error(Source source, const Error& error) {
  errors_[static_cast<size_t>(source)][static_cast<size_t>(error.code)]->Increment();
}

}  // namespace autoscaler
