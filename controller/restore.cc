#include "controller/restore.h"

#include "controller/lifecycle.h"
#include "controller/orders.h"
#include "policies/trial.h"
#include "policies/vitals.h"

#include <algorithm>
#include <utility>

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
  if (recent.suspicion) {
    Instant& since = recent.suspicion.edit().since;
    since = std::min(since, now);
  }
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
  if (pause > std::max(window, 2 * interval)) {
    recent.first_seen = now;
  } else if (pause > 2 * interval) {  // what was wanted since the last row counts as it was then
    recent.recommendations.back().last = now;
  }
}

// nullopt is before every instant.
bool is_later(const std::optional<Instant>& a, const std::optional<Instant>& b) {
  return a && (!b || *a > *b);
}

std::optional<Instant> not_after(std::optional<Instant> at, Instant now) {
  return at ? std::optional(std::min(*at, now)) : std::nullopt;
}

Instant when(const ScaleEvent& event) {
  return event.at;
}
Instant when(Instant turn) {
  return turn;
}
bool is_same(const ScaleEvent& a, const ScaleEvent& b) {
  return a.change == b.change;
}
bool is_same(Instant, Instant) {
  return true;
}

// `left`, and those of our own that it does not have; oldest first.
template <typename T>
void merge(const std::vector<T>& left, Duration interval, std::vector<T>& own) {
  const auto is_known = [&](const T& mine) {
    return std::any_of(left.begin(), left.end(), [&](const T& theirs) {
      const Duration apart = when(mine) - when(theirs);
      return is_same(mine, theirs) && apart <= 2 * interval && apart >= -2 * interval;
    });
  };
  std::erase_if(own, is_known);
  own.insert(own.end(), left.begin(), left.end());
  std::stable_sort(own.begin(), own.end(),
                   [](const T& a, const T& b) { return when(a) < when(b); });
}

}  // namespace

void take_up(const WorkloadSpec& spec, Duration interval, Instant now, WorkloadMemory& memory) {
  Recent& recent = memory.recent.edit();
  clamp(recent, now);
  begin_afresh_after_a_pause(spec, interval, now, recent);
  for (InstanceMemory& instance : memory.instances) clamp(instance, now);
  clamp(memory.deployed, now);
  clamp(memory.ordered, now);
  if (memory.unsettled) memory.unsettled->at = std::min(memory.unsettled->at, now);
  std::optional<Instant>& until = memory.backoff.until;
  if (until && *until > now + kLongestLaunchBackoff) until = now;
  if (!memory.shadow) return;
  Shadow& shadow = memory.shadow.edit();
  clamp(shadow.recent, now);
  const Instant ready = now + memory.time_to_ready.value_or(Duration{0});
  for (Shadow::Growth& growth : shadow.growing) growth.due = std::min(growth.due, ready);
}

void take_over(const HandOver& left, Duration interval, Instant now, WorkloadMemory& memory) {
  Recent& recent = memory.recent.edit();
  const auto later = [now](const std::optional<Instant>& theirs, std::optional<Instant>& own) {
    const bool counts = is_later(theirs, own);
    if (counts) own = not_after(theirs, now);
    return counts;
  };
  later(left.workload.last_out, recent.last_out);
  later(left.workload.last_in, recent.last_in);
  recent.policies.resize(std::max(recent.policies.size(), left.policies.size()));
  for (size_t i = 0; i < left.policies.size(); ++i) {
    PolicyMemory& policy = recent.policies[i];
    if (later(left.policies[i].last_out, policy.last_out)) policy.added = left.policies[i].added;
    later(left.policies[i].last_in, policy.last_in);
  }
  std::vector<ScaleEvent> events = left.events;
  for (ScaleEvent& event : events) event.at = std::min(event.at, now);
  merge(events, interval, recent.events);
  std::vector<Instant> turns = left.turns;
  for (Instant& turn : turns) turn = std::min(turn, now);
  merge(turns, interval, recent.turns);
  if (!is_later(left.ordered, memory.ordered)) return;
  memory.orders = left.orders;
  memory.ordered = not_after(left.ordered, now);
  drop_what_is_over(memory.orders, now);
}

void take_over(const std::vector<Duration>& ready_times, WorkloadMemory& memory) {
  if (ready_times.empty()) return;
  const std::vector<Duration> own = std::exchange(memory.ready_times, {});
  memory.time_to_ready.reset();
  for (const Duration took : ready_times) remember_ready(took, memory);
  for (const Duration took : own) remember_ready(took, memory);
}

}  // namespace autoscaler
