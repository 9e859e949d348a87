#pragma once

#include "policies/time.h"

namespace autoscaler {

// Read once a tick, by the loop alone.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() = 0;
};

}  // namespace autoscaler
