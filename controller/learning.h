#pragma once

#include "controller/config/config.h"
#include "controller/demand_learning.h"
#include "controller/fleet.h"
#include "controller/journal/journal.h"
#include "controller/warm_start.h"
#include "policies/capacity_state.h"
#include "policies/signal.h"
#include "policies/workload.h"

#include <optional>
#include <string>
#include <vector>

namespace autoscaler {

// What was learned of one workload, as evaluate takes it (Workload's members of these names).
struct Learned {
  std::vector<Capacity> capacities;
  std::vector<Prediction> predictions;
  std::optional<BudgetSpending> budget;
};

// What is learned of the workloads over days: of fixed size, changed in place before a decision
// uses it, and kept apart from the memory that is copied in every tick. The journal has it as parts
// with a name, a version and a checksum, written every 15 minutes and at the end.
class Learning {
 public:
  explicit Learning(const Config& config, GateRule gate = GateRule::kObeyed);

  // Takes up what the journal has, and returns the names of the parts that could not be: damaged,
  // of another version, or such as no learner could have left. What is no longer learned is left
  // there. Instants of the future (a clock set back) count as now.
  // What forecasts have missed since, or never saw, is learned from the journal's demand. Errors:
  // the journal's.
  Result<std::vector<std::string>> restore(LoopJournal& journal, Instant now);
  // What forecasts do not know then either is asked for beside the ticks. `start` outlives this.
  void warm_up(WarmStart& start);

  bool learns(size_t index) const;

  // One tick of one workload (by its index in the config): what was learned before, with this
  // tick's signals in its capacities. From a cluster that did not answer nothing is.
  Learned learn(size_t index, const FleetWorkload& fleet, const Workload& workload,
                const Signals& signals, const Recent& recent, Instant now);
  // After the decisions: their part in the minute under way.
  void account(const TickRecord& tick);

  // The parts that are due for the journal: each workload has its own turn within the quarter of an
  // hour, so that no tick writes them all. `everything`: at the end.
  std::vector<LearnedRow> due(Instant now, bool everything);

  // What a successor elsewhere takes up: capacities. Forecasts (16 KiB each) and error budgets are
  // learned by each controller itself.
  std::vector<LearnedRow> left(size_t index) const;
  // Takes up each part that holds a newer sample than our own. Returns those that cannot be read.
  std::vector<std::string> take_over(size_t index, std::vector<LearnedRow> left, Instant now);

 private:
  Status learn_past(LoopJournal& journal, Instant now);

  struct LearnedLoad {
    size_t signal;  // index into WorkloadSpec::signals
    CapacityState state;
    Capacity capacity;       // as of the last sample
    int64_t capacity_of_ms;  // when it was worked out
  };
  struct LearnedWorkload {
    const WorkloadSpec* spec;
    uint64_t revision;  // of the command, or of most pods; 0: not known
    std::vector<LearnedLoad> loads;
    DemandLearning demand;
    std::optional<Instant> next;  // is written then
  };
  const Config& config_;
  std::vector<LearnedWorkload> workloads_;  // parallel to Config::workloads
  WarmStart* warm_start_ = nullptr;         // nullptr: nothing is asked
};

}  // namespace autoscaler
