#pragma once

#include "controller/clusters.h"
#include "controller/config/config.h"
#include "controller/config/config_diff.h"
#include "controller/config/policy_state.h"
#include "controller/loop.h"
#include "controller/warm_start.h"
#include "metrics/haproxy_source.h"
#include "metrics/history.h"

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

namespace autoscaler {

class KubernetesCluster;

// Where the files of the instances are; a dry-run looks where the live controller does.
std::string state_directory(const ControllerSpec& controller);

// The parts that stand behind the ports for one config, live or in a dry-run. Those whose part of
// the config has not changed go on from the wiring before: pollers with their windows, servers
// behind signals, the caches of Kubernetes.
class Wiring {
 public:
  // What a wiring after a reload takes from.
  struct Before {
    const Wiring& wiring;
    const ConfigDiff& diff;
  };
  // Waits for the first lists of a Kubernetes that is new. `before`: nullptr at the start,
  // otherwise it may be used on, until `follow`. `seed`: controllers that start together must not
  // probe a sick server together. `stop`: ends what a tick waits for. Errors: no access to
  // Kubernetes.
  static Result<std::unique_ptr<Wiring>> make(std::shared_ptr<const Config> config, Clock& clock,
                                              bool dry_run, uint64_t seed,
                                              const std::stop_token& stop, const Before* before);
  Wiring(const Wiring&) = delete;
  Wiring& operator=(const Wiring&) = delete;
  ~Wiring();

  Ports ports(Clock& clock);
  // After each tick: what Kubernetes is told of it.
  void publish(const TickRecord& tick);
  // How all ScalingPolicies stand to what runs, from now on.
  void publish(const PolicyStates& states);
  // At the end, or where `next` has another access to Kubernetes: the lease is given up.
  void resign(const Wiring* next = nullptr);
  // What goes on from the wiring before reads by this config from now on, and that one is over.
  void follow();

 private:
  struct Writers {
    std::unique_ptr<ClusterWriter> cluster;
    std::unique_ptr<BalancerWriter> balancer;
  };

  explicit Wiring(std::shared_ptr<const Config> config);
  Status wire_kubernetes(Clock& clock, bool dry_run, uint64_t seed, const std::stop_token& stop,
                         const Before* before);
  void wire_sources(Clock& clock, uint64_t seed, const Before* before);
  Writers make_writers(bool dry_run) const;

  const std::shared_ptr<const Config> config_;
  SharedList<WorkloadId> in_kubernetes_;
  std::shared_ptr<KubernetesCluster> kubernetes_;  // nullptr where no workload is there
  std::shared_ptr<ClusterReader> kubernetes_reader_;
  ClusterReaders cluster_;
  std::unique_ptr<BalancerReader> balancer_;
  Writers writers_;
  std::shared_ptr<MetricSource> scrape_, prometheus_, json_, pod_metrics_;
  std::shared_ptr<HaproxySource> balancer_stats_;
  std::shared_ptr<HistorySource> past_;
  std::shared_ptr<WarmStart> warm_start_;  // after what its thread asks
};

}  // namespace autoscaler
