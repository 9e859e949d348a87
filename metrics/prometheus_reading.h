#pragma once

#include "metrics/history.h"
#include "metrics/prometheus_reply.h"
#include "metrics/query.h"

namespace autoscaler {

// What an answer means for the signal. `asked` is the time that the query was about. Pure.
//
//   warnings                        kSourceError, unless `accept_partial`: it may not be all
//   scalar, or a vector of one      its value
//   no series                       `when_empty`, or kNoSeries; never 0 of itself
//   several series                  `over_series` of them, or kAmbiguous, naming two
//   any NaN or infinity             kNotFinite
//   a string or a range             kMalformed
//
// It was measured when its oldest sample was, and not after `asked`.
Reading reading_of(const PrometheusRead& read, const PrometheusReply& reply, Instant asked,
                   bool accept_partial);

// The same for each step of a range, ascending; one at which it would be Missing is left out.
// Errors: kUnavailable (a warning: it may not be all), kInvalid (no range, or ambiguous at every
// step).
Result<std::vector<HistoryPoint>> points_of(const PrometheusRead& read,
                                            const PrometheusReply& reply, bool accept_partial);

}  // namespace autoscaler
