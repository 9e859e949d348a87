#pragma once

#include "base/result.h"
#include "metrics/query.h"
#include "policies/time.h"

#include <vector>

namespace autoscaler {

// What a signal of the service was at one moment of the past.
struct HistoryPoint {
  Instant at;
  double value;  // finite
  bool operator==(const HistoryPoint&) const = default;
};

// The past of signals, where somebody has kept it: for what must be learned before it is of use,
// and should not wait days for that after a first start.
class HistorySource {
 public:
  virtual ~HistorySource() = default;
  // One value for each step of [from, to], ascending; a step without one is left out, never 0.
  // Blocks for as long as the server takes: not for the thread of the tick. Errors: kInvalid (this
  // kind of read has no past, or the server refuses the query), kUnavailable (the server is sick:
  // try later).
  virtual Result<std::vector<HistoryPoint>> history(const SignalQuery& signal, Instant from,
                                                    Instant to, Duration step) = 0;
};

}  // namespace autoscaler
