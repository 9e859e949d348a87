#pragma once

#include "controller/cluster.h"
#include "controller/config/config.h"
#include "controller/load_balancer.h"
#include "policies/recent.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace autoscaler {

// What is remembered of one instance between ticks and over restarts.
struct InstanceMemory {
  InstanceId instance;
  Instant requested;                 // when the plan first wanted it
  std::optional<Instant> launched;   // first seen to exist
  std::optional<Instant> ready;      // first health check passed
  std::optional<Instant> attached;   // first seen in the balancer (or ready, where there is none)
  std::optional<Instant> unhealthy;  // since when it has not been healthy; reset by a good check
  std::optional<Instant> draining;   // since when it is on its way out
  std::optional<Instant> detached;   // since when we have wanted it out of the balancer
  std::optional<Instant> terminating;
  bool failed = false;
  std::string failure;  // why, for a person

  bool operator==(const InstanceMemory&) const = default;
};

// Adding a broken instance again and again is bounded: after a failure the next launch waits.
struct LaunchBackoff {
  int32_t failures =
      0;  // ticks in a row with a failed launch and none that proved stable (kStable)
  std::optional<Instant> until;
};

// Dry-run only: the size that the service would have, had the decisions been carried out.
struct Shadow {
  Recent recent;        // the memory that stages after Combine would have
  int32_t ordered = 0;  // decided so far
  struct Growth {
    Instant due;  // ordered then + the measured time to readiness
    int32_t instances;
  };
  std::vector<Growth> growing;  // ordered, not yet ready; oldest first
};

// The memory of one workload: journalled as one row, restored at start.
struct WorkloadMemory {
  Shared<Recent> recent = Recent{};       // there always
  Shared<Shadow> shadow;                  // dry-run
  int32_t desired = 0;                    // the decided size: a dead instance is replaced up to it
  std::vector<InstanceMemory> instances;  // ordered by id
  int64_t next_instance = 1;              // ids count up, and are never used twice
  LaunchBackoff backoff;
  std::optional<Duration> time_to_ready;  // measured: ordered to healthy, moving average
  static constexpr size_t kReadyTimes = 20;
  std::vector<Duration> ready_times;  // the last ones, oldest first, kReadyTimes at most
  std::optional<Instant> deployed;    // when instances were first seen to be outdated
  bool rolling = false;               // some still are
  Orders orders;                      // of operators; those that are over are dropped
  std::optional<Instant> ordered;     // when they last ordered anything, or took it back
  // Of a scale: a resize from this size, decided then, of which it is not known whether it was
  // written (a crash, no answer in time). It counts as done until the scale shows otherwise.
  struct UnsettledResize {
    int32_t from;
    Instant at;
  };
  std::optional<UnsettledResize> unsettled;
};

// One instance as this tick sees it: observation and memory joined.
struct FleetInstance {
  InstanceId instance;
  Lifecycle lifecycle = Lifecycle::kRequested;
  SharedText address;
  bool registered = false;  // is in the balancer, in any state
  bool serving = false;     // is in the balancer and not drained
  bool answers = false;     // serving, and good by the balancer's own health check
  bool exists = false;      // the cluster shows it
  bool outdated = false;
  bool is_stable = false;   // ready for kStable: it has shown that launches work
  bool goes_first = false;  // of pods: marked, by a scale-in, to be taken before others
  int64_t in_flight = 0;
  SharedText failure;
  // Of pods.
  SharedText page{};  // URL of its metrics page, where it has one of its own
  std::optional<Instant> created{};
  SharedPodFacts pod{};
};

struct FleetWorkload {
  const WorkloadConfig* config = nullptr;
  SharedList<FleetInstance> instances{};  // ordered by id
  SharedList<Instance> as_inputs{};       // of pods: as policies see them
  bool cluster_known = true;  // false: the cluster did not answer, nothing may be concluded
  bool balancer_known = true;
  // Where the cluster itself starts and stops instances; none too while it is not known.
  Shared<ScaleObservation> scale;
  std::string revision;                // which most pods have
  std::vector<Duration> became_ready;  // pods: the time to readiness of each that got ready now
  // What the leader before has left (controller/succession.h): what of it could not be read. While
  // `past_is_unknown` no size is written, and once that is `overdue`, none that is smaller: it may
  // have been paused.
  std::vector<Error> past_errors;
  bool past_is_unknown = false;
  bool past_is_overdue = false;
};

}  // namespace autoscaler
