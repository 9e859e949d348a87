#include "controller/backtest/hpa_rival.h"

#include "controller/backtest/fixed_world.h"

#include <cmath>
#include <cstdio>

namespace autoscaler {

using namespace fixed_world;

namespace {

constexpr int64_t kRequestMilli = 1000;

Instant instant_of(int64_t unix_seconds) {
  return Instant{std::chrono::seconds(unix_seconds)};
}

WorkloadSpec spec_of(int64_t target_percent) {
  WorkloadSpec spec;
  spec.name = "hpa";
  spec.bounds = {1, kLargestSize};
  SignalSpec cpu;
  cpu.name = "cpu";
  cpu.kind = SignalSpec::Kind::kQuantity;
  spec.signals.push_back(cpu);
  HpaMetricSpec metric;
  metric.resource = "cpu";
  metric.target = target_percent;
  spec.policies.push_back({"cpu", metric});
  spec.behavior = std::nullopt;
  spec.hpa = HpaFlags{};
  return spec;
}

// Ordered by name as by age.
Instance pending_pod(size_t index, Instant now) {
  char name[24];
  std::snprintf(name, sizeof name, "p%05u", static_cast<unsigned>(index));
  PodFacts pod;
  pod.phase = PodFacts::Phase::kPending;
  pod.started = now;
  pod.ready = false;
  pod.ready_changed = now;
  pod.containers.push_back({"main", {{"cpu", kRequestMilli}}});
  return {name, Lifecycle::kLaunching, pod};
}

}  // namespace

HpaRival::HpaRival(int64_t target_percent, const Demand& demand) : spec_(spec_of(target_percent)) {
  signals_.push_back({InstanceReadings{}});
  // In a world that has run for long: nothing young, nothing remembered.
  recent_.first_seen = instant_of(demand.start_s - 86400);
  recent_.policies.resize(1);
  recent_.signals.resize(1);
}

// Follows the fleet: the newest instance is the first to go.
void HpaRival::stand(const Sight& sight) {
  const Instant now = instant_of(sight.at_s);
  std::vector<Instance>& pods = workload_.instances.edit();
  pods.resize(std::min(pods.size(), static_cast<size_t>(sight.size)));
  ready_ = std::min(ready_, pods.size());
  while (pods.size() < static_cast<size_t>(sight.size)) {
    // Those that stand there from the first tick on are old.
    pods.push_back(pending_pod(pods.size(), sight.tick == 0 ? now - std::chrono::hours(1) : now));
  }
  for (; ready_ < static_cast<size_t>(sight.serving); ++ready_) {
    Instance& pod = pods[ready_];
    pod.lifecycle = Lifecycle::kInService;
    PodFacts& facts = pod.pod.edit();
    facts.phase = PodFacts::Phase::kRunning;
    facts.ready = true;
    facts.ready_changed = sight.tick == 0 ? *facts.started : now;
  }
  workload_.size = workload_.status_size = sight.size;
}

void HpaRival::measure(const Sight& sight) {
  std::vector<InstanceReading>& readings = std::get<InstanceReadings>(signals_[0].readings).edit();
  const size_t pods = sight.rate ? ready_ : 0;  // nothing measured yet: no samples
  readings.resize(std::min(readings.size(), pods));
  while (readings.size() < pods) {
    const Measured none{ContainerUsage{{{"main", 0}}}, Instant{}, std::chrono::seconds(60)};
    readings.push_back({workload_.instances[readings.size()].id, none});
  }
  const auto milli = static_cast<int64_t>(std::lround(sight.cpu_mean * kRequestMilli));
  const Instant taken = instant_of(sight.at_s - kDelayTicks * kTickSeconds);
  for (InstanceReading& each : readings) {
    auto& measured = std::get<Measured>(each.reading);
    measured.at = taken;
    std::get<ContainerUsage>(measured.value).containers.front().second = milli;
  }
}

int32_t HpaRival::wants(const Sight& sight) {
  stand(sight);
  measure(sight);
  const Instant now = instant_of(sight.at_s);
  const Decision decision = evaluate(spec_, workload_, signals_, recent_, now);
  record(spec_, decision, decision.to == decision.from ? Outcome::kHeld : Outcome::kApplied, now,
         recent_);
  return decision.to;
}

}  // namespace autoscaler
