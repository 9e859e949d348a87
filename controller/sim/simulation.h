#pragma once

#include "controller/loop.h"
#include "controller/sim/memory_journal.h"
#include "controller/sim/simulated_cluster.h"
#include "controller/sim/simulated_scale.h"
#include "controller/sim/simulated_source.h"
#include "controller/sim/virtual_clock.h"

namespace autoscaler {

// The whole loop, as it runs live, around a simulated service on a virtual clock: the first
// workload of the config, over a curve of demand in requests per second. Same inputs, same bytes.
class Simulation {
 public:
  Simulation(std::shared_ptr<const Config> config, Release release, SimulatedService::Demand demand,
             Instant start, uint64_t seed = 1);

  // Time passes, the service is looked at, and nothing is decided.
  void pass(Duration time);
  // The controller ticks.
  const WorkloadTick& decide();
  // An interval of the controller passes, and it ticks.
  const WorkloadTick& tick();

  // The controller ends without a word, and another takes up what it wrote; or finds nothing.
  void restart(bool keeps_journal = true);

  Instant now() { return clock.now(); }

  VirtualClock clock;
  SimulatedService service;
  SimulatedCluster cluster;
  SimulatedScale scale;  // in the cluster's place, where the target is in Kubernetes
  SimulatedBalancer balancer;
  SimulatedSource source;

 private:
  void begin();

  std::shared_ptr<const Config> config_;
  SimulatedService::Demand demand_;
  MemoryJournal journal_;
  std::unique_ptr<Loop> loop_;
  std::shared_ptr<const TickRecord> last_;
};

}  // namespace autoscaler
