#pragma once

#include "base/result.h"
#include "base/shared.h"
#include "controller/change.h"
#include "policies/workload.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace autoscaler {

// One instance as the cluster shows it. Only ours: what we cannot prove to be ours is not listed.
// In Kubernetes a pod, by its name.
struct InstanceObservation {
  WorkloadId workload;  // empty: said by the ScaleObservation that lists it
  InstanceId instance;
  SharedText address;           // host:port, where it serves
  Instant started;              // when it came to exist
  bool running = true;          // false: it exited and has not been terminated yet
  std::optional<bool> healthy;  // nullopt: never answered a health check yet
  bool terminating = false;     // asked to stop, still there
  bool outdated = false;        // runs another command than the config names
  bool goes_first = false;      // a pod that bears the mark of a Resize::leaving
  Shared<std::string> exit;     // "exit code 3", "signal 9": where known
  // Of pods; `address` is then empty while there is none.
  SharedPodFacts pod;
  SharedText revision;  // the label pod-template-hash or controller-revision-hash
  SharedText page;      // URL of the metrics page, where annotations of the pod name one
};

// A workload whose size is a number in the cluster: the scale subresource of its target.
struct ScaleObservation {
  WorkloadId workload;
  int32_t spec_replicas = 0;
  int32_t status_replicas = 0;
  std::string resource_version;  // what a Resize is decided on
  std::string selector;          // as the subresource writes it: "app=checkout,tier=web"
  // Annotations of the target as they stand there; empty: not given.
  // (controller/pause_annotation.h)
  std::string paused;        // autoscaler.io/paused
  std::string paused_until;  // autoscaler.io/paused-until
  // Who else sizes the same target: "HorizontalPodAutoscaler shop/checkout". Empty: nobody.
  std::string owned_by_other;
  std::optional<Error> others_unknown;  // why nobody can tell whether anybody else does
  bool is_free() const { return owned_by_other.empty() && !others_unknown; }
  // The pods that the selector selects, ordered by id: the same list until one has changed.
  SharedList<InstanceObservation> pods{};
};

inline const WorkloadId& whose(const InstanceObservation& instance) {
  return instance.workload;
}
inline const WorkloadId& whose(const Shared<ScaleObservation>& scale) {
  return scale->workload;
}

struct ClusterObservation {
  std::vector<InstanceObservation> instances;    // ordered by workload and id; without pods
  std::vector<Shared<ScaleObservation>> scales;  // ordered by workload
  // Workloads of which not everything could be seen: nothing may be concluded about them.
  std::vector<std::pair<WorkloadId, Error>> unreadable;
};

// The read half of a cluster. `observe` lists every instance of ours; an Error is one of the whole
// cluster.
class ClusterReader {
 public:
  virtual ~ClusterReader() = default;
  virtual Result<ClusterObservation> observe(Instant now) = 0;
};

// The write half: Launch, Terminate and Resize, batches in, results out in the same order. Returns
// when the operations are begun, not when they are finished: what they did is the next observation.
// A Resize is answered once it is written or refused (kTimeout, kUnavailable: nobody knows), and no
// later observation shows the scale as it was before one that was written.
class ClusterWriter {
 public:
  virtual ~ClusterWriter() = default;
  virtual std::vector<ChangeResult> apply(std::span<const Change> changes, Instant now) = 0;
};

}  // namespace autoscaler
