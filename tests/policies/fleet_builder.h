#pragma once

#include "tests/policies/scene_builder.h"

#include <limits>

// A workload as the bench and the allocation test see it: five golden signals of every instance,
// three policies, v2's behaviour.
namespace autoscaler::testing {

struct Case {
  WorkloadSpec spec;
  Workload workload;
  Signals signals;
  Recent recent;
};

inline ThresholdSpec latency_and_errors() {
  ThresholdSpec threshold;
  threshold.out = ThresholdSpec::Rule{};
  threshold.out->marks = {{4, true, 0.5}, {3, true, 0.05}};
  threshold.out->change.instances = 2;
  threshold.in = ThresholdSpec::Rule{};
  threshold.in->all = true;
  threshold.in->samples = 5;
  threshold.in->marks = {{4, false, 0.1}, {0, false, 0.2}};
  threshold.in->change.percent = 10;
  return threshold;
}

// Latencies around `scale` seconds, on 12 buckets.
inline BucketRates latencies(double scale) {
  BucketRates histogram;
  double bound = 0.005;
  for (int i = 0; i < 12; ++i, bound *= 2) {
    histogram.bounds.push_back(bound);
    histogram.rates.push_back(bound < scale ? 1 : 10);
  }
  histogram.bounds.push_back(std::numeric_limits<double>::infinity());
  histogram.rates.push_back(0);
  return histogram;
}

inline Case golden_case(int32_t instances, size_t seed = 0) {
  Case result;
  WorkloadSpec& spec = result.spec;
  spec.name = "workload-" + std::to_string(seed);
  spec.bounds = {1, 100};
  spec.signals = {signal_spec("cpu"), signal_spec("memory"), signal_spec("rps"),
                  signal_spec("errors", SignalSpec::Kind::kRatio),
                  signal_spec("latency", SignalSpec::Kind::kHistogram)};
  for (SignalSpec& signal : spec.signals) signal.max_age = 15s;
  spec.policies = {{"track-cpu", track(0.65)},
                   {"track-rps", track(120, TrackSpec::Target::kPerInstance, 2)},
                   {"threshold", latency_and_errors()}};

  result.workload = workload_of(instances);
  std::vector<Reading> readings[5];
  for (int32_t i = 0; i < instances; ++i) {
    const double wobble = static_cast<double>((seed * 31 + static_cast<size_t>(i) * 17) % 10) / 100;
    readings[0].push_back(measured(0.6 + wobble));
    readings[1].push_back(measured(0.4 + wobble));
    readings[2].push_back(measured(110 + 100 * wobble));
    readings[3].push_back(measured(RatioParts{wobble / 10, 110}));
    readings[4].push_back(measured(latencies(0.2 + wobble)));
  }
  for (const auto& rows : readings) result.signals.push_back(per_instance(rows));
  result.recent = first_sight(spec, instances, kStart - 1h);
  return result;
}

}  // namespace autoscaler::testing
