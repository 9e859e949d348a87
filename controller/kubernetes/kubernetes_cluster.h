#pragma once

#include "controller/kubernetes/campaign.h"
#include "controller/kubernetes/kubernetes_reader.h"
#include "controller/kubernetes/kubernetes_succession.h"
#include "controller/kubernetes/kubernetes_writer.h"
#include "controller/kubernetes/scale_events.h"
#include "metrics/kubernetes_metrics.h"

#include <functional>
#include <memory>
#include <string>

namespace autoscaler {

// One API server, and what the config's workloads need of it. Outlives its readers and writers.
class KubernetesCluster : public KubernetesMetricsApi {
 public:
  // Asks nothing of the server yet. Errors: those of find_access. `now`: the wall clock, of any
  // thread. `version`: of the program, for the server's own log. `stop`: ends what a tick waits
  // for.
  static Result<std::unique_ptr<KubernetesCluster>> find(const KubernetesSpec& spec,
                                                         const std::string& version,
                                                         std::function<Instant()> now,
                                                         std::stop_token stop);

  // Has waited for its first lists, for `patience` at most; there are none where a reader before it
  // has them.
  std::unique_ptr<ClusterReader> make_reader(const Config& config, uint64_t seed,
                                             std::chrono::milliseconds patience);
  std::unique_ptr<ClusterWriter> make_writer(const Config& config);  // which outlives it

  // Seeks the leases that the spec names, if it does. Without this no size is written then.
  // `elapsed`: monotonic time that counts suspension; `now`: the wall clock; both of any thread.
  void campaign(std::function<std::chrono::nanoseconds()> elapsed);
  // nullptr where there is no lease, or none is sought (a dry-run).
  const LeaderElection* election() const { return campaign_.get(); }
  // Writes Events (where the spec has them), statuses and what is left for the next leader from now
  // on, of the ticks that are given to `publish`. The reports are those of ScaleEvents and of
  // KubernetesSuccession.
  void write_beside(std::function<void(const Error&)> report_events,
                    std::function<void(const Error&)> report_state);
  // nullptr in a dry-run.
  Succession* succession() const { return succession_.get(); }
  void publish(const TickRecord& tick);
  void publish(PolicyStates states);
  // At the end: gives the leases to whoever wants them, after what is left for them is written.
  void resign();

  Result<std::string> get(const std::string& path, Duration deadline, const std::stop_token& stop,
                          std::string room) override;
  const std::string& url() const { return client_.url(); }

 private:
  KubernetesCluster(ApiAccess access, ApiSettings settings, const KubernetesSpec& spec,
                    std::function<Instant()> now);
  ApiSettings fenced() const;
  std::chrono::nanoseconds may_write_for(const WorkloadId& workload) const;

  const std::function<Instant()> now_;
  const KubernetesSpec spec_;
  const ApiAccess access_;
  const ApiSettings settings_;
  std::unique_ptr<Campaign> campaign_;
  ApiClient client_;
  ResourceNames names_;
  WrittenScales written_;
  FollowedCollections collections_;    // of readers, which it outlives
  std::unique_ptr<ApiClient> beside_;  // sizes
  std::unique_ptr<ApiClient> for_events_;
  std::unique_ptr<ScaleEvents> events_;
  std::unique_ptr<KubernetesSuccession> succession_;
};

}  // namespace autoscaler
