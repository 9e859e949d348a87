#pragma once

#include "policies/windows.h"
#include "policies/workload.h"

#include <memory>
#include <optional>
#include <vector>

namespace autoscaler {

// Which windows of one workload's schedules are open. Remembers the next window of each, so that a
// tick only compares. `spec` outlives it, and its zones are known (the config was checked).
class OpenWindows {
 public:
  explicit OpenWindows(const WorkloadSpec& spec);

  // Those that are open at `now` or begin early, by their `leadBy`; `auto` is `time_to_ready`, and
  // nothing where none was measured yet. One that has begun early stays, even if the lead becomes
  // shorter. Ordered by policy.
  std::vector<OpenWindow> at(Instant now, std::optional<Duration> time_to_ready);

 private:
  struct Schedule {
    uint16_t policy;
    const ScheduleSpec* spec;
    std::unique_ptr<ZoneClock> zone;
    std::optional<Instant> asked;  // `window` was found at this time; nullopt: not yet
    std::optional<TimeSpan> window = {};
    bool begun = false;
  };
  static void look_up(Schedule& schedule, Instant now);

  std::vector<Schedule> schedules_;
};

}  // namespace autoscaler
