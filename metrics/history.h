#pragma once

#include "base/result.h"
#include "metrics/query.h"
#include "policies/time.h"

#include <stop_token>
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
  // One value for each step of [from, to], ascending: what the signal would have read at that
  // moment. A step at which it would have been Missing is left out, and so is one at which nothing
  // was there, `whenEmpty` or not. Blocks until it is all there or `stop` is requested: not for the
  // thread of the tick. Errors: kInvalid (this kind of read has no past, or the query is refused),
  // kTooLarge, kUnavailable (the server is sick or gave a part only, or `stop`: try later).
  virtual Result<std::vector<HistoryPoint>> history(const SignalQuery& signal, Instant from,
                                                    Instant to, Duration step,
                                                    const std::stop_token& stop) = 0;
};

}  // namespace autoscaler
