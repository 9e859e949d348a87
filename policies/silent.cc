#include "policies/silent.h"

#include <algorithm>

namespace autoscaler {
namespace {

constexpr Duration kTwoSamples = std::chrono::minutes(1);

bool may_be_new(const Scene& scene) {
  const auto last_out = scene.recent.last_out;
  const Duration to_speak =
      scene.workload.time_to_ready.value_or(scene.spec.startup_deadline) + scene.spec.warmup;
  return last_out && scene.now - *last_out < to_speak + kTwoSamples;
}

bool is_short_of_samples(const InstanceReading& row) {
  const auto* missing = std::get_if<Missing>(&row.reading);
  return missing && missing->reason == MissingReason::kTooFewSamples;
}

}  // namespace

int32_t count_silent(size_t signal, const Scene& scene, const Readings& readings) {
  const SignalValue& value = readings.values[signal];
  const auto* rows = std::get_if<InstanceReadings>(&readings.raw[signal].readings);
  if (!rows || value.missing || value.reporting >= value.expected || may_be_new(scene)) return 0;
  int32_t silent = value.expected - value.reporting;
  for (const InstanceReading& row : *rows) {
    if (!is_short_of_samples(row)) continue;
    const auto& instances = scene.workload.instances;
    const auto it = std::lower_bound(
        instances.begin(), instances.end(), row.instance,
        [](const Instance& instance, const InstanceId& id) { return instance.id < id; });
    if (it != instances.end() && it->id == row.instance && it->lifecycle == Lifecycle::kInService) {
      --silent;
    }
  }
  return silent;
}

}  // namespace autoscaler
