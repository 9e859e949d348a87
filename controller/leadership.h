#pragma once

#include "base/result.h"
#include "controller/shard.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace autoscaler {

// Which of several controllers acts on one shard, as one of them knows it.
struct Leadership {
  bool leads = false;
  std::string lease;           // "scaling/autoscaler-0"
  std::string identity;        // ours
  std::string holder;          // of the lease, when last seen; empty: nobody, or not known
  uint64_t transitions = 0;    // times that we began or ceased to lead
  std::optional<Error> error;  // why the lease could not be read or written, the last time
};

// Of any thread.
class LeaderElection {
 public:
  virtual ~LeaderElection() = default;
  // Whether we hold the lease of the workload's shard, now. To be asked just before each write that
  // is for it is sent.
  virtual bool leads(const WorkloadId& workload) const = 0;
  // Of each shard, by its number. The workload's is that of shard_of.
  virtual std::vector<Leadership> state() const = 0;
};

}  // namespace autoscaler
