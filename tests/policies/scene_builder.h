#pragma once

#include "policies/evaluate.h"
#include "policies/recent.h"

#include <string>
#include <utility>
#include <vector>

// A workload small enough to read in a test: what is not said is not there.
namespace autoscaler::testing {

using namespace std::chrono_literals;

inline const Instant kStart{std::chrono::hours(480'000)};

inline std::string instance_name(size_t i) {
  return "i" + std::string(i < 10 ? "0" : "") + std::to_string(i);
}

inline Reading measured(Value value, Instant at = kStart, Duration window = {}) {
  Reading reading{std::in_place_type<Measured>};
  std::get<Measured>(reading) = {.value = std::move(value), .at = at, .window = window};
  return reading;
}

inline Reading missing(MissingReason reason = MissingReason::kTimeout) {
  return Missing{reason, ""};
}

inline Signal for_service(Reading reading) {
  return Signal{std::move(reading)};
}
inline Signal for_service(double value, Instant at = kStart) {
  return for_service(measured(value, at));
}

inline Signal per_instance(const std::vector<Reading>& readings) {
  std::vector<InstanceReading> rows;
  for (size_t i = 0; i < readings.size(); ++i) rows.push_back({instance_name(i), readings[i]});
  return Signal{rows};
}

inline Signal per_instance(const std::vector<double>& values, Instant at = kStart) {
  std::vector<Reading> readings;
  for (const double value : values) readings.push_back(measured(value, at));
  return per_instance(readings);
}

inline std::vector<Instance> instances(const std::vector<Lifecycle>& lives) {
  std::vector<Instance> result;
  for (size_t i = 0; i < lives.size(); ++i) result.push_back({instance_name(i), lives[i], {}});
  return result;
}

// `in_service` instances, then `others` in the given lifecycle; all that count are the size.
inline Workload workload_of(int32_t in_service, int32_t others = 0,
                            Lifecycle life = Lifecycle::kWarming) {
  std::vector<Lifecycle> lives(static_cast<size_t>(in_service), Lifecycle::kInService);
  lives.insert(lives.end(), static_cast<size_t>(others), life);
  Workload workload;
  workload.size = workload.status_size = in_service + (counts_as_capacity(life) ? others : 0);
  workload.instances = instances(lives);
  return workload;
}

inline SignalSpec signal_spec(std::string name, SignalSpec::Kind kind = SignalSpec::Kind::kNumber) {
  SignalSpec spec;
  spec.name = std::move(name);
  spec.kind = kind;
  return spec;
}

inline TrackSpec track(double target, TrackSpec::Target kind = TrackSpec::Target::kUtilization,
                       size_t signal = 0) {
  TrackSpec spec;
  spec.signal = signal;
  spec.kind = kind;
  spec.target = target;
  return spec;
}

// One signal, one policy, bounds that do not matter and no behaviour.
inline WorkloadSpec spec_of(PolicyRule rule) {
  WorkloadSpec spec;
  spec.name = "checkout";
  spec.bounds = {1, 1000};
  spec.signals = {signal_spec("cpu")};
  spec.policies = {{"policy", std::move(rule)}};
  spec.behavior.reset();
  return spec;
}

inline int32_t proposed(const WorkloadSpec& spec, const Workload& workload, const Signals& signals,
                        const Recent& recent = {}, Instant now = kStart) {
  return evaluate(spec, workload, signals, recent, now).proposals.at(0).replicas.value_or(-1);
}

}  // namespace autoscaler::testing
