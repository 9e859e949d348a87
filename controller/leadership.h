#pragma once

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>

namespace autoscaler {

// Which of several controllers acts, as one of them knows it.
struct Leadership {
  bool leads = false;
  std::string lease;           // "scaling/autoscaler"
  std::string identity;        // ours
  std::string holder;          // of the lease, when last seen; empty: nobody, or not known
  uint64_t transitions = 0;    // times that we began or ceased to lead
  std::optional<Error> error;  // why the lease could not be read or written, the last time
};

// Of any thread.
class LeaderElection {
 public:
  virtual ~LeaderElection() = default;
  virtual Leadership state() const = 0;
};

}  // namespace autoscaler
