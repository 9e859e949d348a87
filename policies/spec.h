#pragma once

#include "policies/schedule.h"
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
  enum class Kind : uint8_t { kHold, kIgnore, kLast, kFloor, kSize, kTowardsMax };
  Kind kind = Kind::kHold;
  Duration after{0};
  Duration hold_last_for{0};  // kLast: how old the last good value may be
  int32_t replicas = 0;       // kFloor, kSize: instances; kTowardsMax: instances a step
  Duration every{0};          // kTowardsMax: between steps
};

// How the readings of the instances become one number. Instances that are warming up, draining,
// failed or gone are left out of every one of these.
// kPercentile interpolates between the two nearest, as PromQL's quantile() does; kMedian is its
// 50th.
enum class Aggregation { kMean, kSum, kMax, kMin, kMedian, kPercentile };

struct SignalSpec {
  std::string name;
  // kQuantity: Kubernetes quantities, exact in milli-units; only HpaMetricSpec reads them.
  enum class Kind { kNumber, kRatio, kHistogram, kQuantity } kind = Kind::kNumber;
  bool is_utilization = false;                   // a ratio of a capacity, shown as a percentage
  Aggregation aggregation = Aggregation::kMean;  // kNumber only; ratios and histograms are merged
  double percentile = 0.5;                       // kPercentile: 0.9 is p90
  double quantile = 0.95;                        // kHistogram
  // kHistogram: a quantile of fewer is Missing{kTooFewObservations}; of none there is no traffic.
  int32_t min_observations = 0;
  // Older readings are Missing{kStale}. The config fills in three intervals of the controller where
  // nothing is written; 0 here means that no reading is too old.
  Duration max_age{0};
  // Of the instances that should report, (0, 1]: for there to be a value at all, and for a scale-in
  // to be founded on it (policies/quality.h).
  double min_coverage = 0.5;
  double min_coverage_in = 0.75;
  // How long a zero must have lasted to be believed where neither other instances nor the balancer
  // speak for or against it; 0: a zero is a number like any other.
  Duration believe_zero_after{0};
  // Above 0 there is load on the service: what the zeros of other signals are held against.
  bool shows_load = false;
  // What readings look back over that do not say how much time they cover: after an outage they are
  // incomplete for so long.
  Duration lookback{0};
  // The readings are of targets that are no instances of the workload: all of them should report,
  // whatever the instances are doing.
  bool over_targets = false;
  WhenMissing when_missing;
  // What it tells of the service, for the guards. Of several that tell the same, the first by name
  // speaks.
  enum class Meaning {
    kOther,
    kLoad,      // requests per second
    kWork,      // how busy instances are: a ratio of their capacity
    kLatency,   // does not fall in proportion to the instances added
    kErrors,    // share of requests that failed, whatever for
    kOverload,  // share of requests refused for want of capacity: 429, 503, 504
  } meaning = Meaning::kOther;
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
  std::optional<size_t> queue;  // requests that wait, of the whole service: gone in a minute
  // Dead band around ratio 1, inclusive on both edges. nullopt: kTolerance; under `compatibility:
  // hpa` HpaFlags::tolerance.
  std::optional<double> tolerance_out;
  std::optional<double> tolerance_in;

  // After Knative's panic window: another signal for the same target, over a shorter window. Once
  // it asks for `ratio` times the instances in service, and until it has not for `hold`, its wish
  // counts too, no scale-out window holds it back, and nothing scales in (policies/burst.h).
  struct Burst {
    size_t signal = 0;
    double ratio = 2;
    Duration hold{std::chrono::seconds(60)};
  };
  std::optional<Burst> burst;
};
inline constexpr double kTolerance = 0.1;  // the HPA's

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

// After AWS's step scaling: the further past its mark a signal is, the larger the change. Here the
// mark itself counts as past: `above` is value >= mark, otherwise value <= mark.
struct StepSpec {
  struct Step {
    double from = 0;    // how far past the mark it begins, inclusive; it ends where the next begins
    SizeChange change;  // a percentage is cut off, as AWS does, and never less than `minimum`
    int32_t minimum = 1;          // instances
    std::optional<int32_t> size;  // exactly this size, instead of a change
  };
  struct Rule {
    Mark mark;
    std::vector<Step> steps;  // ascending, the first from 0
    int32_t samples = 1;      // consecutive ones that must be past
    Duration cooldown{std::chrono::seconds(300)};
  };
  std::optional<Rule> out;
  std::optional<Rule> in;
};

// Wants the size that an expression over signals gives, rounded up. Compiled to postfix operations
// (policies/formula_parser.h); what they give is in policies/formula.h.
struct FormulaOp {
  enum class Code {
    kNumber,
    kSignal,
    kSize,
    kNegate,
    kNot,
    kAbs,
    kCeil,
    kFloor,
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kMin,
    kMax,
    kLess,
    kLessOrEqual,
    kGreater,
    kGreaterOrEqual,
    kEqual,
    kNotEqual,
    kAnd,
    kOr,
    kDefault,
    kSelect,
  };
  Code code = Code::kNumber;
  double number = 0;    // kNumber
  uint16_t signal = 0;  // kSignal: index into WorkloadSpec::signals
};
struct FormulaSpec {
  std::string text;  // as written
  std::vector<FormulaOp> code;
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

// Forecasts a load, and wants the instances in time that it will be worth (docs/predict.md). A
// floor: the largest wish wins, and the forecast is never a reason to have fewer than others want.
struct PredictSpec {
  size_t signal = 0;  // index into WorkloadSpec::signals: a load that instances share
  std::optional<double> per_instance;  // in its unit; nullopt: learned (policies/capacity.h)
  enum class Mode {
    kForecastOnly,  // says what it would want, and wants nothing
    kScaleOut,      // raises only
    kFull,  // and what it would keep brakes scaling in, in place of the window of `behavior`
  } mode = Mode::kForecastOnly;
  std::optional<Duration> lead;  // from order to service; nullopt: as measured
  // What a violating minute costs, in minutes of the whole service. nullopt: found by the error
  // budget, or kPrice where there is none.
  std::optional<double> price;
  std::vector<int64_t> holidays;  // days since 1970-01-01, UTC, ascending
};
inline constexpr double kPrice = 3;

using PolicyRule = std::variant<TrackSpec, ThresholdSpec, HpaMetricSpec, StepSpec, FormulaSpec,
                                ScheduleSpec, PredictSpec>;

struct PolicySpec {
  std::string name;  // unique within the workload: "track-cpu"
  PolicyRule rule;
  std::optional<uint16_t> group = std::nullopt;  // index into WorkloadSpec::groups
};

// `all`: its policies move the size only where all of them would (policies/groups.h).
struct GroupSpec {
  std::string name;
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
  // Size 0 with min 0 was set by the HPA itself (its condition ScaledToZero); one that was set by
  // hand switches scaling off.
  bool starts_from_zero = true;
};

struct Bounds {
  int32_t min = 1;
  int32_t max = 1;
};

// What the guards hold the size against (docs/guards.md). Each is off when it has no value.
struct GuardsSpec {
  // Growth while a bad deploy is suspected, of the size at which it began.
  std::optional<SizeChange> bad_deploy = SizeChange{0, 20.0};
  // The wait after a scale-out that did not help, doubled with each further one.
  std::optional<Duration> ineffective = std::chrono::minutes(5);
  std::optional<double> errors = 0.05;     // above this share of errors nothing scales in
  std::optional<int32_t> flap_budget = 6;  // changes of direction an hour
  // Instances that are not ready. Off: only the user knows how many of his may start at once.
  std::optional<SizeChange> surge;
  std::vector<Mark> block_in;  // no scale-in while one is past
  std::vector<Mark> block_out;

  static GuardsSpec none() { return {{}, {}, {}, {}, {}, {}, {}}; }
};

// Keeps the size from changing in a direction, or at all, whatever policies and bounds say.
struct Pause {
  enum class Direction { kAll, kOut, kIn } direction = Direction::kAll;
  std::optional<Instant> until;  // nullopt: until it is taken back

  bool operator==(const Pause&) const = default;
};

// What the service promises, `slo`: the 95th percentile of its latency.
struct Slo {
  size_t signal = 0;             // index into WorkloadSpec::signals
  double p95 = 0;                // in the signal's unit
  std::optional<double> budget;  // the share of time that may be past it: 0.005
};

// Everything that decides about one workload. Immutable; read from the config.
struct WorkloadSpec {
  std::string name;
  Bounds bounds;
  std::vector<SignalSpec> signals;
  std::vector<PolicySpec> policies;
  std::vector<GroupSpec> groups;
  std::optional<Slo> slo;
  std::optional<Behavior> behavior = Behavior{};  // nullopt: `behavior: none`; HPA: none given
  std::optional<HpaFlags> hpa;                    // `compatibility: hpa`
  std::optional<Pause> pause;                     // by the config; operators have theirs
  Duration cooldown_out{0};
  Duration cooldown_in{0};
  Duration warmup{0};  // in the balancer, but left out of averages
  Duration startup_deadline{std::chrono::seconds(300)};  // from ordered to ready
  GuardsSpec guards;                                     // with `hpa` nobody looks at them
};

}  // namespace autoscaler
