#include "controller/schedule/open_windows.h"

#include "base/check.h"
#include "controller/schedule/time_zone.h"

namespace autoscaler {

OpenWindows::OpenWindows(const WorkloadSpec& spec) {
  for (size_t i = 0; i < spec.policies.size(); ++i) {
    const auto* schedule = std::get_if<ScheduleSpec>(&spec.policies[i].rule);
    if (!schedule) continue;
    Result<std::unique_ptr<ZoneClock>> zone = find_zone(schedule->times.zone);
    CHECK(zone);
    schedules_.push_back({static_cast<uint16_t>(i), schedule, std::move(*zone), {}});
  }
}

// A window that was found stays the next one until it closes; a clock that was set back asks anew.
void OpenWindows::look_up(Schedule& schedule, Instant now) {
  const bool known = schedule.asked && now >= *schedule.asked &&
                     (!schedule.window || now < schedule.window->closes);
  if (known) return;
  schedule.asked = now;
  schedule.window = first_window(schedule.spec->times, *schedule.zone, now);
  schedule.begun = false;
}

std::vector<OpenWindow> OpenWindows::at(Instant now, std::optional<Duration> time_to_ready) {
  std::vector<OpenWindow> open;
  for (Schedule& schedule : schedules_) {
    look_up(schedule, now);
    if (!schedule.window) continue;
    const Duration lead = schedule.spec->lead_by_readiness ? time_to_ready.value_or(Duration{0})
                                                           : schedule.spec->lead;
    schedule.begun = schedule.begun || schedule.window->opens - lead <= now;
    if (!schedule.begun) continue;
    open.push_back({schedule.policy, schedule.window->opens, schedule.window->closes});
  }
  return open;
}

}  // namespace autoscaler
