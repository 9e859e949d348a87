#pragma once

#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autoscaler {

// What HAProxy knows of a backend. nullopt: this version or mode has no such number (a backend in
// TCP mode counts no requests and no status codes).
struct HaproxyBackendStat {
  std::string name;
  std::optional<double> requests;          // req_tot, since HAProxy started
  std::optional<double> queued;            // qcur, now
  std::optional<double> sessions;          // scur, now
  std::optional<double> response_time_ms;  // rtime, mean of the last 1024 requests
  std::optional<double> responses_5xx;     // hrsp_5xx, since HAProxy started
  std::optional<double> responses;         // hrsp_1xx to hrsp_5xx and hrsp_other together
};

// The backends in the answer to `show stat`, in its order. Columns are found by the names in the
// header line, so those of other versions, in another order or unknown, do no harm. A row that is
// cut short is an error, for a number cut short would be another number.
// Errors: kInvalid, with the line; HAProxy's own refusal ("Permission denied") is quoted.
Result<std::vector<HaproxyBackendStat>> parse_haproxy_stat(std::string_view csv);

}  // namespace autoscaler
