#pragma once

#include "base/shared.h"
#include "policies/capacity.h"
#include "policies/predict/prediction.h"
#include "policies/signal.h"
#include "policies/spec.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace autoscaler {

using WorkloadId = std::string;

// The life of an instance:
//
//   Requested     intended, does not exist yet
//   Launching     exists
//   Ready         its health check passed
//   Warming       in the balancer, left out of averages
//   InService     carries its share; back here from Draining when load returns
//   Draining      no new work
//   Terminating   asked to stop
//   Gone
//
// Requested and Launching -> Failed after startupDeadline; any -> Failed when it exited, and, once
// it was ready, when it has been unhealthy for unhealthyAfter. Failed -> Terminating -> Gone.
// A Failed instance neither counts nor blocks.
enum class Lifecycle {
  kRequested,
  kLaunching,
  kReady,
  kWarming,
  kInService,
  kDraining,
  kTerminating,
  kGone,
  kFailed,
};
inline constexpr int kLifecycleCount = 9;
const char* lifecycle_name(Lifecycle lifecycle);  // snake_case, as the metric label

// Ordered and not on its way out: what "size" counts.
constexpr bool counts_as_capacity(Lifecycle l) {
  return l == Lifecycle::kRequested || l == Lifecycle::kLaunching || l == Lifecycle::kReady ||
         l == Lifecycle::kWarming || l == Lifecycle::kInService;
}
// Ordered, but not yet carrying its share: left out of averages.
constexpr bool is_warming_up(Lifecycle l) {
  return l == Lifecycle::kRequested || l == Lifecycle::kLaunching || l == Lifecycle::kReady ||
         l == Lifecycle::kWarming;
}

// What the HPA's pod classes are decided from; only on Kubernetes and in `decide` documents.
// Quantities are milli-units, as the HPA computes in int64 milli-units.
struct PodFacts {
  enum class Phase { kPending, kRunning, kSucceeded, kFailed, kUnknown };
  struct Container {
    std::string name;
    std::vector<std::pair<std::string, int64_t>> requests_milli;  // by resource
    bool counts_for_requests = true;  // containers and restartable init containers do

    bool operator==(const Container&) const = default;
  };
  Phase phase = Phase::kRunning;
  bool deleting = false;
  bool ready_unknown = false;  // the Ready condition is Unknown: neither ready nor "False"
  std::optional<bool> ready;   // the Ready condition; nullopt: there is none
  std::optional<Instant> ready_changed;  // its lastTransitionTime
  std::optional<Instant> started;        // status.startTime
  SharedList<Container> containers;      // the same list for pods of one template
  std::vector<std::pair<std::string, int64_t>> pod_requests_milli;  // pod-level requests win if set
};

// They stand from tick to tick, for thousands of pods.
using SharedPodFacts = Shared<PodFacts>;

struct Instance {
  InstanceId id;
  Lifecycle lifecycle = Lifecycle::kInService;
  SharedPodFacts pod;
  std::optional<Instant> ordered = std::nullopt;  // while it warms up: since when it is wanted
};

// A schedule's window that is open in this tick, or begins early in it: then `opens` is still to
// come. An input, since it takes a database of time zones to know.
struct OpenWindow {
  uint16_t policy = 0;  // index into WorkloadSpec::policies
  Instant opens;
  Instant closes;

  bool operator==(const OpenWindow&) const = default;
};

// A size that an operator wants for a while, whatever policies want and schedules say.
struct SizeOrder {
  int32_t replicas = 0;
  Instant until;

  bool operator==(const SizeOrder&) const = default;
};

// What operators have ordered at run time.
struct Orders {
  std::optional<Pause> pause;
  std::optional<SizeOrder> size;

  bool operator==(const Orders&) const = default;
};

// One service as observed this tick. Instances are ordered by id.
struct Workload {
  int32_t size = 0;         // the wanted count that stands (spec.replicas, or instances that count)
  int32_t status_size = 0;  // what the cluster says exists (status.replicas)
  SharedList<Instance> instances;
  bool journal_writable = true;  // no scale-in is started without a journal
  // Launches that came to nothing, ticks in a row; 0 once one has proved itself.
  int32_t launch_failures = 0;
  std::optional<Duration> time_to_ready;  // measured: nine of ten are ready by then
  std::optional<Instant> deployed;        // when the command or image last changed, if it is known
  std::vector<OpenWindow> windows;        // at most one for each schedule, ordered by policy
  Orders orders;
  // What was learned of each load, parallel to WorkloadSpec::signals. One that is not there is
  // unknown.
  std::vector<Capacity> capacities;
  std::vector<Prediction> predictions;   // at most one for each predict policy, ordered by policy
  std::optional<BudgetSpending> budget;  // where there is an error budget; moves no size by itself
};

}  // namespace autoscaler
