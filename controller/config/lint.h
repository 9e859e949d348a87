#pragma once

#include "controller/config/config.h"
#include "policies/workload.h"

#include <map>
#include <optional>
#include <string>

namespace autoscaler {

// What a journal tells of a workload.
struct Measurements {
  std::optional<Duration> time_to_ready;
  std::optional<double> most_requests_per_second;  // of the signal `rps`
};

// A config, and what in a good one is probably not meant: `warnings`, with places like problems.
// `now`: from when on schedules are compared.
ConfigResult lint_config(const std::string& file, Instant now,
                         const std::map<WorkloadId, Measurements>& measured);
ConfigResult lint_text(std::string_view text, const std::string& file_name, Instant now,
                       const std::map<WorkloadId, Measurements>& measured);

}  // namespace autoscaler
