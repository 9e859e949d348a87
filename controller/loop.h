#pragma once

#include "controller/clock.h"
#include "controller/cluster.h"
#include "controller/journal/journal.h"
#include "controller/journal_rows.h"
#include "controller/leadership.h"
#include "controller/learning.h"
#include "controller/load_balancer.h"
#include "controller/order_request.h"
#include "controller/pods.h"
#include "controller/record_pool.h"
#include "controller/schedule/open_windows.h"
#include "controller/succession.h"
#include "controller/tick_record.h"
#include "metrics/query.h"

#include <functional>
#include <memory>
#include <vector>

namespace autoscaler {

// Everything the loop reads from and acts on. Live, dry-run and simulated programs differ only in
// what stands here.
struct Ports {
  Clock& clock;
  ClusterReader& cluster_reader;
  ClusterWriter& cluster_writer;
  BalancerReader& balancer_reader;
  BalancerWriter& balancer_writer;
  std::vector<MetricSource*> sources;
  const LeaderElection* election = nullptr;  // nullptr: there is one controller alone
  Succession* succession = nullptr;          // nullptr: nobody leaves anything
  WarmStart* warm_start = nullptr;           // of forecasts; nullptr: nobody kept a past
  GateRule gate = GateRule::kObeyed;
};

// One tick: observe, read, learn, evaluate, plan, apply, record. One thread, no locks. A tick never
// fails as a whole: what could not be done is in its record, and is asked for again by the next.
class Loop {
 public:
  using Sink = std::function<void(const std::shared_ptr<const TickRecord>&)>;

  // `sinks` see each record once it is whole: telemetry, the web server, the log.
  // Ticks are numbered from `ticks_before` on: those of a loop with the config before.
  Loop(std::shared_ptr<const Config> config, Ports ports, LoopJournal& journal, bool dry_run,
       std::vector<Sink> sinks, uint64_t ticks_before = 0);

  // Takes up what the journal remembers. Instants of the future (a clock set back) count as now.
  Status restore();
  // What was learned and could not be taken up by restore: "shop/capacity:rps".
  const std::vector<std::string>& not_restored() const { return not_restored_; }

  std::shared_ptr<const TickRecord> tick();

  // Between two ticks: what operators ordered is written to the journal, answered, and counts from
  // the next tick on.
  void take(const std::vector<OrderRequest>& requests);

  // After the last tick: writes the memories, the demand of the minute under way, and all that is
  // learned, so that another loop goes on from here, and leaves it to the next leader. Errors: the
  // journal's; then this loop may go on.
  Status end();
  uint64_t ticks() const { return ticks_; }

  // One step of ending: every instance is drained, detached and terminated, whatever the policies
  // say, and with a broken journal too. Returns true when none is left; no tick may follow.
  bool wind_down();

 private:
  // What one tick knows of one workload, from observation to outcome.
  struct Pass {
    FleetWorkload fleet;
    WorkloadMemory next;  // the memory after this tick, if its changes are made
    std::vector<Change> changes;
    Learned learned;
    SharedList<FleetInstance> targets_of;  // the instances whose targets these are
    SharedList<Target> targets;
  };

  // What the cluster and the balancer show of one workload, or of those that are left.
  struct Sight {
    std::span<InstanceObservation> instances{};
    std::span<const Shared<ScaleObservation>> scale{};
    std::span<const BackendObservation> backends{};
  };

  std::shared_ptr<TickRecord> begin_tick();
  void observe(TickRecord& tick);
  FleetWorkload observe_one(const Sight& sight, size_t index, Instant now, WorkloadTick& workload);
  void inherit(TickRecord& tick);
  void read(TickRecord& tick);
  void learn(TickRecord& tick);
  void evaluate(TickRecord& tick);
  void plan(TickRecord& tick);
  void apply(TickRecord& tick);
  void record_all(TickRecord& tick);
  void append_rows(const TickRecord& tick);

  void leave(TickRecord& tick);
  void leave(size_t index, bool experience);
  Result<Orders> take_one(const OrderRequest& request, Instant now);
  std::optional<Error> led_by_another(const WorkloadConfig& workload) const;
  Status write_intents(Instant now);
  void settle(size_t index, WorkloadTick& workload, Instant now);

  std::shared_ptr<const Config> config_;
  Ports ports_;
  LoopJournal& journal_;
  const bool dry_run_;
  std::vector<Sink> sinks_;
  std::vector<WorkloadMemory> memories_;  // parallel to config_->workloads, as are the next six
  std::vector<Pass> passes_;
  std::vector<bool> stood_by_;  // in the tick before this one, another controller led
  std::vector<OpenWindows> windows_;
  std::vector<SeenPods> seen_pods_;
  std::vector<bool> led_;  // in the last tick, and a workload in Kubernetes
  std::vector<std::optional<Instant>> unknown_since_;  // we lead, and not what was left
  RecordPool records_;
  JournalRows rows_;
  Learning learning_;
  std::vector<std::string> not_restored_;
  bool journal_writable_ = true;
  bool ending_ = false;
  std::optional<Instant> experience_left_;
  std::optional<Error> journal_error_;
  uint64_t ticks_;
};

}  // namespace autoscaler
