#include "policies/capacity_sampler.h"

#include "policies/aggregate.h"
#include "policies/capacity_learner.h"
#include "policies/per_instance.h"

#include <algorithm>
#include <string_view>

namespace autoscaler {
namespace {

constexpr Duration kShortestPause = std::chrono::seconds(10);
constexpr double kFewErrors = 0.01;

std::optional<size_t> named(const WorkloadSpec& spec, std::string_view name) {
  for (size_t i = 0; i < spec.signals.size(); ++i) {
    if (spec.signals[i].name == name) return i;
  }
  return std::nullopt;
}

// The longest time that any of its readings covers.
Duration window_of(const Signal& signal) {
  const auto of = [](const Reading& reading) {
    const auto* measured = std::get_if<Measured>(&reading);
    return measured ? measured->window : Duration{0};
  };
  if (const auto* one = std::get_if<Reading>(&signal.readings)) return of(*one);
  Duration longest{0};
  for (const auto& each : std::get<InstanceReadings>(signal.readings)) {
    longest = std::max(longest, of(each.reading));
  }
  return longest;
}

int32_t count_of(const Workload& workload, Lifecycle lifecycle) {
  return static_cast<int32_t>(
      std::count_if(workload.instances.begin(), workload.instances.end(),
                    [lifecycle](const Instance& i) { return i.lifecycle == lifecycle; }));
}

// What one instance in service carries of it.
std::optional<double> load_of(const SignalSpec& spec, const SignalValue& value,
                              int32_t in_service) {
  if (!value.value) return std::nullopt;
  if (is_of_service(spec, value)) return *value.value / in_service;
  return of_one_instance(spec, value);
}

bool has_errors(const WorkloadSpec& spec, const Workload& workload, const Signals& signals,
                Instant now) {
  const auto errors = named(spec, "errors");
  if (!errors) return false;
  const SignalValue value =
      aggregate(spec.signals[*errors], signals[*errors], workload.instances, now);
  return value.missing || value.value.value_or(0) > kFewErrors;
}

std::optional<double> cpu_of(const WorkloadSpec& spec, const Workload& workload,
                             const Signals& signals, Instant now) {
  const auto cpu = named(spec, "cpu");
  if (!cpu || !spec.signals[*cpu].is_utilization) return std::nullopt;
  return aggregate(spec.signals[*cpu], signals[*cpu], workload.instances, now).value;
}

Instant instant_of(int64_t ms) {
  return Instant{Duration{ms}};
}

}  // namespace

bool learns_capacity(const WorkloadSpec& spec, size_t signal) {
  return spec.slo &&
         std::any_of(spec.policies.begin(), spec.policies.end(), [&](const PolicySpec& policy) {
           const auto* track = std::get_if<TrackSpec>(&policy.rule);
           const auto* predict = std::get_if<PredictSpec>(&policy.rule);
           return (track && track->kind == TrackSpec::Target::kLearned &&
                   track->signal == signal) ||
                  (predict && !predict->per_instance && predict->signal == signal);
         });
}

void learn_capacity(const WorkloadSpec& spec, size_t signal, const Workload& workload,
                    const Signals& signals, bool mixed, Instant now, CapacityState& state) {
  const int32_t in_service = count_of(workload, Lifecycle::kInService);
  if (in_service != state.in_service || mixed) {
    state.in_service = in_service;
    state.steady_since_ms = now.time_since_epoch().count();
  }
  if (in_service == 0 || mixed) return;
  const Duration window =
      std::max({window_of(signals[signal]), window_of(signals[spec.slo->signal]), kShortestPause});
  if (now - instant_of(state.steady_since_ms) < window) return;
  if (state.last_sample_ms != kNeverMs && now - instant_of(state.last_sample_ms) < window) return;

  const auto value_of = [&](size_t i) {
    return aggregate(spec.signals[i], signals[i], workload.instances, now);
  };
  const SignalValue load = value_of(signal);
  const SignalValue latency = value_of(spec.slo->signal);
  const bool whole = is_of_service(spec.signals[signal], load) ||
                     is_of_service(spec.signals[spec.slo->signal], latency);
  if (whole &&
      count_of(workload, Lifecycle::kWarming) + count_of(workload, Lifecycle::kDraining) > 0)
    return;
  if (load.doubt || latency.doubt) return;
  const auto per_instance = load_of(spec.signals[signal], load, in_service);
  if (!per_instance || !latency.value || has_errors(spec, workload, signals, now)) return;
  learn_sample({*per_instance, *latency.value, cpu_of(spec, workload, signals, now)}, spec.slo->p95,
               now, state);
}

}  // namespace autoscaler
