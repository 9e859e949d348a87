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
//   hold         no scale-in by anybody; the policy itself abstains, others may scale out
//   ignore       the policy abstains and blocks nothing
//   last         the last good value speaks on
//   floor(n)     hold, and want at least n
//   size(n)      want n, whatever stands; blocks nothing
//   towardsMax   hold, and want `replicas` more once every `every`
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
  // kQuantity: Kubernetes quantities, exact in milli-units; only HpaMetricSpec reads them.
  enum class Kind { kNumber, kRatio, kHistogram, kQuantity } kind = Kind::kNumber;
  bool is_utilization = false;                   // a ratio of a capacity, shown as a percentage
  Aggregation aggregation = Aggregation::kMean;  // kNumber only; ratios and histograms are merged
  double quantile = 0.95;                        // kHistogram
  // Older readings are Missing{kStale}. The config fills in three intervals of the controller where
  // nothing is written; 0 here means that no reading is too old.
  Duration max_age{0};
  double min_coverage = 0.5;  // of the instances that should report, (0, 1]
  // The readings are of targets that are no instances of the workload: all of them should report,
  // whatever the instances are doing.
  bool over_targets = false;
  WhenMissing when_missing;
};

// Keeps a signal at its target by the HPA's ratio: wanted = ceil(current x value / target).
struct TrackSpec {
  size_t signal = 0;  // index into WorkloadSpec::signals
  enum class Target {
    kUtilization,  // mean of a ratio over instances (cpu at 65 %): `target` is a ratio, 0.65
    kPerInstance,  // a total shared by the instances (rps: 120 each); HPA AverageValue
    kValue,        // one number for the service, against `target` as it is; HPA Value
    kLearned,      // kPerInstance against what was learned of it (policies/capacity.h)
  } kind = Target::kUtilization;
  double target = 0;            // unused with kLearned
  std::optional<size_t> queue;  // kLearned: requests that wait, of the whole service
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

// One entry of an autoscaling/v2 object's `metrics`, computed to the letter in integers. Its signal
// is of kind kQuantity, and read by source:
//   kResource, kContainerResource  one ContainerUsage for each pod that has a sample
//   kPods                          one Quantities with a single element for each pod with a sample
//   kObject, kExternal             one Quantities for the service (External: one element a series)
// A source that failed is a single Missing for the service; an empty list of pods counts as failed.
struct HpaMetricSpec {
  enum class Source { kResource, kContainerResource, kPods, kObject, kExternal };
  enum class Target {
    kUtilization,   // percent of the request; kResource and kContainerResource
    kAverageValue,  // milli-units for each pod; every source
    kValue,         // milli-units; kObject and kExternal
  };
  size_t signal = 0;  // index into WorkloadSpec::signals
  Source source = Source::kResource;
  std::string resource;   // "cpu", "memory": kResource and kContainerResource
  std::string container;  // kContainerResource
  Target target_kind = Target::kUtilization;
  int64_t target = 0;  // percent, or milli-units; > 0
};

struct PolicySpec {
  std::string name;  // unique within the workload: "track-cpu"
  std::variant<TrackSpec, ThresholdSpec, HpaMetricSpec> rule;
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
  std::optional<double> tolerance = std::nullopt;  // HpaMetricSpec only; else HpaFlags::tolerance
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

// `compatibility: hpa`: the flags of kube-controller-manager that enter a decision. With it, the
// pod classes, rounding, pre-checks and errors are the HPA's; without `behavior`, so are the
// window and the growth limit that it used before there was one.
struct HpaFlags {
  double tolerance = 0.1;
  Duration cpu_initialization_period{std::chrono::minutes(5)};
  Duration initial_readiness_delay{std::chrono::seconds(30)};
  Duration downscale_stabilization{std::chrono::minutes(5)};  // without `behavior`
};

struct Bounds {
  int32_t min = 1;
  int32_t max = 1;
};

// What the service promises, `slo`: the 95th percentile of its latency.
struct Slo {
  size_t signal = 0;  // index into WorkloadSpec::signals
  double p95 = 0;     // in the signal's unit
};

// Everything that decides about one workload. Immutable; read from the config.
struct WorkloadSpec {
  std::string name;
  Bounds bounds;
  std::vector<SignalSpec> signals;
  std::vector<PolicySpec> policies;
  std::optional<Slo> slo;
  std::optional<Behavior> behavior = Behavior{};  // nullopt: `behavior: none`; HPA: none given
  std::optional<HpaFlags> hpa;                    // `compatibility: hpa`
  Duration cooldown_out{0};
  Duration cooldown_in{0};
  Duration warmup{0};  // in the balancer, but left out of averages
  Duration startup_deadline{std::chrono::seconds(300)};  // from ordered to ready
};

}  // namespace autoscaler
