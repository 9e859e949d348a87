#pragma once

#include "controller/kubernetes/lease.h"
#include "controller/kubernetes/replicas.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace autoscaler {

// Of the lease of one shard.
std::string lease_name(const LeaseSpec& spec, int32_t shard);

// The leases of all shards, each sought and kept on a thread of its own, so that neither a tick
// that takes long nor another lease costs it. With an API client of their own.
class Campaign : public LeaderElection {
 public:
  // Begins at once. An empty spec.name_space is that of `access`.
  Campaign(ApiAccess access, ApiSettings settings, LeaseSpec spec,
           std::function<Lease::Nanoseconds()> elapsed, std::function<Instant()> wall);
  ~Campaign() override { resign(); }
  Campaign(const Campaign&) = delete;
  Campaign& operator=(const Campaign&) = delete;

  bool leads(const WorkloadId& workload) const override {
    return lead_left(workload) > Lease::Nanoseconds{0};
  }
  // For how long from now on, unless the lease is renewed; 0: another may lead.
  Lease::Nanoseconds lead_left(const WorkloadId& workload) const;
  std::vector<Leadership> state() const override;

  // A tick has seen the workloads, so that we can lead: the other replicas hear of us from now on.
  // Shards are handed over just after it, so that the one who takes them ticks next.
  void ticked();
  // Ceases to lead and gives the leases up. Nothing follows.
  void resign();

 private:
  void keep(size_t shard, const std::stop_token& stop);
  void announce(const std::stop_token& stop);

  ApiClient client_;
  std::optional<Replicas> replicas_;            // nullopt: there is one shard, which nobody prefers
  std::vector<std::unique_ptr<Lease>> leases_;  // by the number of the shard
  std::mutex mutex_;                            // guards ticks_
  std::condition_variable_any ticked_;
  uint64_t ticks_ = 0;
  std::vector<std::jthread> threads_;
};

}  // namespace autoscaler
