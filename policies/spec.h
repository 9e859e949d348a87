#pragma once

#include "policies/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace autoscaler {

// What a policy does when a signal that should be there is not. Applies once the signal has been
// missing for `after`; before that, and for `last` beyond `hold_last_for`, it holds.
struct WhenMissing {
  enum class Kind { kHold, kIgnore, kLast, kFloor, kSize, kTowardsMax };
  Kind kind = Kind::kHold;
  Duration after{0};
  Duration hold_last_for{0};  // kLast: how old the last good value may be
  int32_t replicas = 0;       // kFloor, kSize: instances; kTowardsMax: instances a step
  Duration every{0};          // kTowardsMax: between steps
};

// How the readings of the instances become one number. Instances that are warming up, draining,
// failed or gone are left out of every one of these.
enum class Aggregation { kMean, kSum, kMax, kMin, kMedian };

struct SignalSpec {
  std::string name;
  enum class Kind { kNumber, kRatio, kHistogram } kind = Kind::kNumber;
  bool is_utilization = false;                   // a ratio of a capacity, shown as a percentage
  Aggregation aggregation = Aggregation::kMean;  // kNumber only; ratios and histograms are merged
  double quantile = 0.95;                        // kHistogram
  Duration max_age{0};                           // 0: three intervals of the controller
  double min_coverage = 0.5;                     // of the instances that should report, (0, 1]
  WhenMissing when_missing;
};

// Keeps a signal at its target by the HPA's ratio: wanted = ceil(current x value / target).
struct TrackSpec {
  size_t signal = 0;  // index into WorkloadSpec::signals
  enum class Target {
    kUtilization,  // mean of a ratio over instances (cpu at 65 %): `target` is a ratio, 0.65
    kPerInstance,  // a total shared by the instances (rps: 120 each); HPA AverageValue
    kValue,        // one number for the service, against `target` as it is; HPA Value
  } kind = Target::kUtilization;
  double target = 0;
  // Dead band around ratio 1, inclusive on both edges (HPA: 0.1 both ways).
  double tolerance_out = 0.1;
  double tolerance_in = 0.1;
};

struct Mark {
  size_t signal = 0;
  bool above = true;  // past the mark when value > mark; otherwise when value < mark
  double value = 0;
};

// Adds or removes a number, or a percentage of the current size rounded away from zero.
struct SizeChange {
  int32_t instances = 0;
  std::optional<double> percent;  // 25 means 25 %
};

// Out when any (or all) marks have been past for `samples` samples; in when all (or any) have been
// past theirs for `samples` samples. A sample is a new reading, not a tick.
struct ThresholdSpec {
  struct Rule {
    bool all = false;
    std::vector<Mark> marks;
    int32_t samples = 1;
    SizeChange change;
    Duration cooldown{std::chrono::seconds(300)};
  };
  std::optional<Rule> out;
  std::optional<Rule> in;
};

struct PolicySpec {
  std::string name;  // unique within the workload: "track-cpu"
  std::variant<TrackSpec, ThresholdSpec> rule;
};

// autoscaling/v2 HPAScalingRules, word for word.
struct ScalingRules {
  enum class Select { kMax, kMin, kDisabled };
  struct RatePolicy {
    enum class Type { kPods, kPercent } type = Type::kPods;
    int32_t value = 0;
    Duration period{std::chrono::seconds(15)};  // 1 s .. 1800 s
  };
  Duration stabilization{0};  // 0 .. 3600 s
  Select select = Select::kMax;
  std::vector<RatePolicy> policies;
};

// Defaults are those of autoscaling/v2 with a `behavior` object: up 4 pods or 100 % per 15 s with
// no window, down 100 % per 15 s with a window of 300 s.
struct Behavior {
  ScalingRules up{Duration{0},
                  ScalingRules::Select::kMax,
                  {{ScalingRules::RatePolicy::Type::kPods, 4, std::chrono::seconds(15)},
                   {ScalingRules::RatePolicy::Type::kPercent, 100, std::chrono::seconds(15)}}};
  ScalingRules down{std::chrono::seconds(300),
                    ScalingRules::Select::kMax,
                    {{ScalingRules::RatePolicy::Type::kPercent, 100, std::chrono::seconds(15)}}};
};

struct Bounds {
  int32_t min = 1;
  int32_t max = 1;
};

// Everything that decides about one workload. Immutable; read from the config.
struct WorkloadSpec {
  std::string name;
  Bounds bounds;
  std::vector<SignalSpec> signals;
  std::vector<PolicySpec> policies;
  std::optional<Behavior> behavior = Behavior{};  // nullopt: `behavior: none`
  Duration cooldown_out{0};
  Duration cooldown_in{0};
  Duration warmup{0};  // in the balancer, but left out of averages
  Duration startup_deadline{std::chrono::seconds(300)};  // from ordered to ready
};

}  // namespace autoscaler
