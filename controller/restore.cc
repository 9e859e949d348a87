#include "controller/restore.h"

#include "controller/lifecycle.h"
#include "policies/trial.h"
#include "policies/vitals.h"

#include <algorithm>

namespace autoscaler {
namespace {

void clamp(std::optional<Instant>& at, Instant now) {
  if (at && *at > now) at = now;
}

void clamp(Recent& recent, Instant now) {
  clamp(recent.first_seen, now);
  clamp(recent.last_out, now);
  clamp(recent.last_in, now);
  for (Recommendation& run : recent.recommendations) {
    run.first = std::min(run.first, now);
    run.last = std::min(run.last, now);
  }
  for (ScaleEvent& event : recent.events) event.at = std::min(event.at, now);
  for (PolicyMemory& policy : recent.policies) {
    clamp(policy.last_sample, now);
    clamp(policy.last_out, now);
    clamp(policy.last_in, now);
    clamp(policy.last_burst, now);
  }
  for (SignalMemory& signal : recent.signals) {
    clamp(signal.missing_since, now);
    clamp(signal.last_value_at, now);
    clamp(signal.last_step, now);
    clamp(signal.outage_began, now);
    clamp(signal.outage_ended, now);
    clamp(signal.last_load, now);
    if (signal.trial) signal.trial->at = std::min(signal.trial->at, now);
    if (signal.useless_until && *signal.useless_until > now + kLongestTrialWait) {
      signal.useless_until = now;
    }
  }
  recent.vitals.newest = std::min(recent.vitals.newest, minute_of(now));
  if (recent.suspicion) recent.suspicion->since = std::min(recent.suspicion->since, now);
  for (Instant& turn : recent.turns) turn = std::min(turn, now);
}

void clamp(InstanceMemory& instance, Instant now) {
  instance.requested = std::min(instance.requested, now);
  for (std::optional<Instant>* at :
       {&instance.launched, &instance.ready, &instance.attached, &instance.unhealthy,
        &instance.draining, &instance.terminating}) {
    clamp(*at, now);
  }
}

// With `behavior: none` there is no window, and any pause is long: the fresh-start guard then waits
// for one generation of readings.
void begin_afresh_after_a_pause(const WorkloadSpec& spec, Duration interval, Instant now,
                                Recent& recent) {
  if (!recent.first_seen || recent.recommendations.empty()) return;
  const Duration window = spec.behavior ? spec.behavior->down.stabilization : Duration{0};
  const Duration pause = now - recent.recommendations.back().last;
  if (pause > std::max(window, 2 * interval)) recent.first_seen = now;
}

}  // namespace

void take_up(const WorkloadSpec& spec, Duration interval, Instant now, WorkloadMemory& memory) {
  clamp(memory.recent, now);
  begin_afresh_after_a_pause(spec, interval, now, memory.recent);
  for (InstanceMemory& instance : memory.instances) clamp(instance, now);
  clamp(memory.deployed, now);
  if (memory.unsettled) memory.unsettled->at = std::min(memory.unsettled->at, now);
  std::optional<Instant>& until = memory.backoff.until;
  if (until && *until > now + kLongestLaunchBackoff) until = now;
  if (!memory.shadow) return;
  clamp(memory.shadow->recent, now);
  const Instant ready = now + memory.time_to_ready.value_or(Duration{0});
  for (Shadow::Growth& growth : memory.shadow->growing) growth.due = std::min(growth.due, ready);
}

}  // namespace autoscaler
