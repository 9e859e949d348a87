#pragma once

#include "base/result.h"
#include "policies/workload.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace autoscaler {

// What the plan asks the world to do: one step in the life of one instance at a time, or the size
// of a whole workload where the cluster itself starts and stops instances. Every change is
// idempotent: asked again after a crash, it ends in the same place.

// Starts an instance under this id and on this port. The id is chosen by the plan, so that the
// journal knows it before anything exists.
struct Launch {
  WorkloadId workload;
  InstanceId instance;
};
// Makes the instance take traffic: registers it, checks on; also how a drain is cancelled.
struct Attach {
  WorkloadId workload;
  InstanceId instance;
  std::string address;  // host:port
};
// No new work; what is in flight goes on.
struct Drain {
  WorkloadId workload;
  InstanceId instance;
};
// Takes it out of the balancer for good.
struct Detach {
  WorkloadId workload;
  InstanceId instance;
};
// Graceful stop, then a hard one after the grace.
struct Terminate {
  WorkloadId workload;
  InstanceId instance;
};
// Writes the size of a scale subresource, if it still is what was seen. kConflict: somebody has
// written since; nothing is tried again, the next tick decides anew.
struct Resize {
  WorkloadId workload;
  int32_t from = 0;
  int32_t to = 0;
  std::string resource_version;  // of the scale that was seen
  // Where the target has deletion_cost: who is to be marked to go first, and whose mark of an
  // earlier change no longer holds.
  std::vector<InstanceId> leaving;
  std::vector<InstanceId> staying{};
};

using Change = std::variant<Launch, Attach, Drain, Detach, Terminate, Resize>;
inline constexpr int kChangeKinds = std::variant_size_v<Change>;

// Whether the cluster is asked, rather than the balancer.
bool is_of_cluster(const Change& change);
const char* change_name(const Change& change);  // "launch", ...: log field and metric label
const WorkloadId& change_workload(const Change& change);
// Empty for a Resize.
const InstanceId& change_instance(const Change& change);
// Of whom or what it is: the instance, or "3 -> 5".
std::string change_subject(const Change& change);

// What became of a change. Outcome order follows the order of the changes.
struct ChangeResult {
  Change change;
  bool skipped = false;        // dry-run
  std::optional<Error> error;  // nullopt and not skipped: done, or under way
};

// Of a change that failed so: it may have been made all the same, since nobody answered.
inline bool is_outcome_unknown(Code code) {
  return code == Code::kTimeout || code == Code::kUnavailable;
}

// A Detach that waits for the connections still attached: asked for again at the next tick.
bool is_waiting(const ChangeResult& result);

}  // namespace autoscaler
