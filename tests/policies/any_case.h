#pragma once

#include "tests/policies/fleet_builder.h"

#include <rapidcheck.h>

// Any workload that the properties are about: a few instances in any part of their life, signals
// that are there, stale, missing or only of some, any memory.
namespace autoscaler::testing {

inline int32_t number(int32_t from, int32_t to) {
  return *rc::gen::inRange(from, to + 1);
}
inline bool coin() {
  return number(0, 1) == 1;
}

inline Reading any_reading(size_t signal) {
  const double level = number(0, 300) / 100.0;
  const Instant at = kStart - number(0, 20) * 1s;  // past 15 s it is stale
  if (number(0, 9) == 0) return missing();
  if (signal == 3) return measured(RatioParts{level, level * number(0, 20)}, at);
  if (signal == 4) return measured(latencies(level), at);
  return measured(signal == 2 ? level * 100 : level, at);
}

inline Signal any_signal(size_t signal, size_t instances) {
  if (coin()) return for_service(any_reading(signal));
  std::vector<Reading> readings;
  for (size_t i = 0; i < instances; ++i) readings.push_back(any_reading(signal));
  return per_instance(readings);
}

inline Recent any_memory(const WorkloadSpec& spec, int32_t size) {
  Recent recent = first_sight(spec, size, kStart - number(0, 600) * 1s);
  for (int i = number(0, 4); i > 0; --i) {
    const Instant at = kStart - number(0, 400) * 1s;
    recent.recommendations.push_back({at, at, number(0, 40)});
    recent.events.push_back({kStart - number(0, 30) * 1s, number(-5, 5)});
  }
  if (coin()) recent.last_out = kStart - number(0, 100) * 1s;
  if (coin()) recent.last_in = kStart - number(0, 100) * 1s;
  recent.policies[2].past_in_samples = number(0, 6);
  if (coin()) recent.policies[2].last_out = kStart - number(0, 400) * 1s;
  return recent;
}

inline Case any_case() {
  Case c = golden_case(1);
  const size_t instances = static_cast<size_t>(number(0, 12));
  std::vector<Lifecycle> lives;
  for (size_t i = 0; i < instances; ++i) {
    lives.push_back(coin() ? Lifecycle::kInService
                           : static_cast<Lifecycle>(number(0, kLifecycleCount - 1)));
  }
  c.workload.instances = testing::instances(lives);
  c.workload.size = c.workload.status_size = number(0, 15);
  c.workload.journal_writable = number(0, 4) > 0;
  c.spec.bounds.min = number(0, 8);
  c.spec.bounds.max = c.spec.bounds.min + number(0, 10);
  if (coin()) c.spec.behavior.reset();
  if (coin()) c.spec.cooldown_out = c.spec.cooldown_in = 50s;
  for (size_t i = 0; i < c.signals.size(); ++i) c.signals[i] = any_signal(i, instances);
  c.recent = any_memory(c.spec, c.workload.size);
  return c;
}

// The same with everything that a config may hold beside it: steps, a burst, a group, a schedule
// with an open window, a pause and what an operator has ordered.
inline Case any_rich_case() {
  Case c = any_case();
  StepSpec step;
  step.out = StepSpec::Rule{.mark = {2, true, 120.0},
                            .steps = {{0, {1, {}}}, {50, {0, 30.0}}, {100, {}, 1, 12}}};
  step.in = StepSpec::Rule{.mark = {2, false, 30.0}, .steps = {{0, {1, {}}}}};
  ScheduleSpec schedule;
  if (coin()) schedule.min = number(0, 20);
  if (coin()) schedule.max = number(1, 20);
  if (coin()) schedule.size = number(1, 20);
  c.spec.policies.push_back({"step", step});
  c.spec.policies.push_back({"schedule", schedule});
  c.recent.policies.resize(c.spec.policies.size());
  if (coin()) std::get<TrackSpec>(c.spec.policies[0].rule).burst = TrackSpec::Burst{.signal = 1};
  if (coin()) {
    c.spec.groups = {{"both"}};
    c.spec.policies[1].group = c.spec.policies[3].group = 0;
  }
  if (coin()) {
    const Instant opens = kStart + number(-60, 60) * 1s;
    c.workload.windows = {{4, opens, opens + 1h}};
  }
  const auto any_pause = [] {
    return Pause{static_cast<Pause::Direction>(number(0, 2)), kStart + number(-60, 60) * 1s};
  };
  if (number(0, 3) == 0) c.spec.pause = any_pause();
  if (number(0, 3) == 0) c.workload.orders.pause = any_pause();
  if (number(0, 3) == 0) {
    c.workload.orders.size = SizeOrder{number(0, 20), kStart + number(-60, 60) * 1s};
  }
  return c;
}

inline Decision decide(const Case& c) {
  return evaluate(c.spec, c.workload, c.signals, c.recent, kStart);
}

}  // namespace autoscaler::testing
