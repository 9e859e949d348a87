#pragma once

#include "controller/change.h"
#include "controller/config/config.h"
#include "controller/fleet.h"
#include "controller/leadership.h"
#include "metrics/query.h"
#include "policies/decision.h"
#include "policies/recent.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace autoscaler {

// The stages of a tick: the function, the log field, the metric label and the heading.
enum class Stage { kObserve, kRead, kLearn, kEvaluate, kPlan, kApply, kRecord };
inline constexpr int kStageCount = 7;
const char* stage_name(Stage stage);

struct WorkloadTick {
  const WorkloadConfig* config = nullptr;  // owned by TickRecord::config
  Workload workload;                       // the input of evaluate
  Signals signals;
  Shared<Recent> recent;  // as it was before the decision; there from the stage apply on
  Decision decision;
  Outcome outcome = Outcome::kHeld;
  SharedList<FleetInstance> instances;
  std::vector<ChangeResult> changes;
  std::vector<ReadError> read_errors;
  std::optional<Error> cluster_error;
  std::optional<Error> balancer_error;
  std::vector<Error> target_errors;       // somebody else sizes it too, an annotation is unreadable
  std::optional<int32_t> shadow_size;     // dry-run only
  std::optional<Duration> time_to_ready;  // measured, a moving average
  std::optional<Duration> cooldown_out_left;
  std::optional<Duration> cooldown_in_left;
  std::vector<Duration> became_ready;  // time to readiness of each instance that got ready now
  int32_t launch_failures = 0;         // in a row
  std::optional<size_t> shard;         // of TickRecord::shards; nullopt: under no lease
  bool leads = true;                   // its shard when the tick began; under no lease always
};

// One tick, whole and immutable once published.
struct TickRecord {
  std::shared_ptr<const Config> config;
  Instant now;
  bool dry_run = false;
  std::vector<Leadership> shards;  // by their number; empty: there is one controller alone
  uint64_t number = 0;
  std::vector<WorkloadTick> workloads;  // in config order
  std::vector<SourceHealth> sources;
  TargetCounts scrape_targets;  // of all workloads, by how they are doing
  std::array<std::chrono::nanoseconds, kStageCount> stages{};
  bool overran = false;                // took longer than the interval
  std::optional<Error> journal_error;  // the journal could not be written
  std::vector<Code> leave_errors;      // what is left for the next leader could not be written
  std::optional<Error> prune_error;    // old rows could not be deleted; nothing else is hindered
};

// Of target_errors: another autoscaler sizes the target too, which is no failure of the cluster.
bool is_rival(const Error& target_error);
bool is_contended(const WorkloadTick& workload);

// What came of the decision. A scale-in is remembered by the plan and asked for until it is done,
// unless nobody could be chosen to leave; a scale-out is applied once something was launched or
// taken back into service, or when as many were there already.
Outcome outcome_of(const WorkloadTick& workload, bool dry_run);

}  // namespace autoscaler
