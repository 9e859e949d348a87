#pragma once

#include "base/deadline.h"
#include "controller/kubernetes/left_objects.h"
#include "controller/kubernetes/state_map.h"
#include "controller/kubernetes/status_writer.h"
#include "controller/succession.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace autoscaler {

// What Kubernetes keeps of each workload beside its size: the status of its ScalingPolicy, where it
// is written in one, and a ConfigMap of those who share the lease. All is sent beside the tick.
//
// A status is written with the tick in which a size, an order or a cooldown changes or the target
// makes trouble; within 30 s of what else changes (reasons, pods that come); and every 5 minutes.
class KubernetesSuccession final : public Succession {
 public:
  // Of whoever shares the leases: one for each shard; none without a lease.
  using Maps = std::vector<std::unique_ptr<StateMap>>;
  // `reads` and `writes` (fenced) outlive it. `leads`: whether we do now. `report`: StatusWriter
  // and StateMap.
  KubernetesSuccession(ApiClient& reads, ApiClient& writes, Maps maps, std::function<Instant()> now,
                       std::function<bool(const WorkloadId&)> leads,
                       std::function<void(const Error&)> report);

  // Asks for what stands there, and after a failure for what the server remembers of it, which is
  // there sooner. What we have no right to counts as nothing, and is said.
  Result<std::vector<Left>> left(std::span<const Heir> heirs) override;
  bool is_known(const Heir& heir) const override;
  void leave(const WorkloadConfig& workload, HandOver left) override;
  void leave(const WorkloadConfig& workload, Experience left) override;
  std::vector<Code> failures() override;
  void send() override;

  // After each tick.
  void publish(const TickRecord& tick);
  // How all ScalingPolicies stand to what runs, from now on.
  void publish(PolicyStates states);
  // At the end, while we still lead.
  void flush(std::chrono::milliseconds patience);

 private:
  // For what a status is written at once.
  struct Urgent {
    int64_t generation = 0;
    int32_t desired = 0;
    bool is_resized = false;
    bool is_in_trouble = false;
    bool is_paused = false;
    uint64_t news = 0;
    std::string refusal;
    bool operator==(const Urgent&) const = default;
  };
  // Of one workload, while we lead it.
  struct Spoken {
    std::optional<HandOver> left;
    uint64_t news = 0;  // times that something else was left
    bool is_sent = true;
    StateMap::Document document;          // in the ConfigMap
    std::string object_hand_over = "{}";  // in the status
    std::optional<PolicyObject> object;
    std::optional<Urgent> urgent;  // as it was written
    std::string telling;
    std::string last_scale;  // lastScaleTime
    Instant written{};
    Instant next_look{};
  };
  struct Asked {
    bool leads = false;
    uint64_t term = 0;
  };
  struct Refusal {
    std::string text;
    Instant written{};
  };

  std::optional<ApiError> read_maps(std::span<const Heir* const> heirs, const Deadline& whole,
                                    StateMap::Documents& into);
  Left left_of(const Heir& heir, size_t index, const LeftObjects& objects,
               const StateMap::Documents& documents);
  void speak(const WorkloadTick& workload, Instant now);
  void refuse(Instant now);
  void forget_what_is_gone(const TickRecord& tick);
  StateMap* map_of(const WorkloadId& workload) const;
  const PolicyState* refusal_of(const PolicyObject& object) const;

  ApiClient& reads_;
  const Maps maps_;  // by shard
  const std::function<Instant()> now_;
  const std::function<bool(const WorkloadId&)> leads_;
  const std::function<void(const Error&)> report_;
  StatusWriter statuses_;
  std::shared_ptr<const Config> config_;  // of the last tick
  std::map<WorkloadId, Asked> asked_;
  std::map<WorkloadId, Spoken> spoken_;
  std::optional<Instant> last_failure_;           // nullopt: the last time it could be read
  int refusals_ = 0;                              // since it could be read
  std::map<std::string, PolicyState> refused_;    // that do not run as they stand, by path
  std::map<std::string, Refusal> refusals_said_;  // by path
};

}  // namespace autoscaler
