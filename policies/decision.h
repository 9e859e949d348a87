#pragma once

#include "base/shared.h"
#include "policies/signal.h"
#include "policies/spec.h"

#include <boost/container/small_vector.hpp>

#include <cstdint>
#include <optional>

namespace autoscaler {

// Why a policy has no number to give.
enum class AbstainReason : uint8_t {
  kSignalMissing,  // whenMissing: ignore
  kNoTraffic,      // a quantile or ratio of nothing
  kNoInRule,       // threshold that only scales out, and no `out` mark is past
  kHeld,           // whenMissing: hold
  kOutsideWindow,  // schedule: no window is open
  kBoundsOnly,     // schedule: it is open, and sets bounds alone
  // perInstance: learned, and not known yet or at all (policies/capacity.h):
  kTooFewSamples,
  kLatencyFlat,
  kSloNotMet,
  // predict (docs/predict.md):
  kForecastOnly,        // it was told to look only
  kForecastStale,       // there is no forecast, or it is too old
  kGateLearning,        // it has not shown yet what it is worth
  kGateWorseThanNaive,  // it has, and saying the newest minute again is as good
  kGateUncalibrated,    // its 95th percentile is none
};
inline constexpr int kAbstainReasonCount = 14;
const char* abstain_reason_name(AbstainReason reason);

// Why no scale-in is founded on a value, though there is one (policies/quality.h).
enum class Doubt : uint8_t {
  kCoverage,     // fewer instances report than minCoverage asks for on the way in
  kStandsStill,  // counters stand still that moved until now
  kRestarted,    // counters went back within the window: they may have counted more
  kIncomplete,   // the window is not full again
};
inline constexpr int kDoubtCount = 4;
const char* doubt_name(Doubt doubt);  // snake_case, as the metric label

// One signal as the policies saw it: one number over the instances, or why there is none.
struct SignalValue {
  std::optional<double> value;
  std::optional<MissingReason> missing;
  bool idle = false;          // measured: there was no traffic to take a ratio or a quantile of
  std::optional<Instant> at;  // when the newest sample in it was taken
  // Instances: how many should report (in service), and how many did. Both 0 for a single reading
  // for the service.
  int32_t expected = 0;
  int32_t reporting = 0;
  std::optional<double> completeness;  // of the window, mean of those reporting; with a value
  std::optional<Doubt> doubt;
  // Share of those reporting that show load now, without those in doubt. nullopt: not looked at.
  std::optional<double> moving;
};

// What one policy wants. Small and flat, so that a tick allocates little.
struct Proposal {
  uint16_t policy = 0;             // index into WorkloadSpec::policies
  std::optional<uint16_t> signal;  // index into WorkloadSpec::signals: the one that spoke
  // Its aggregated value and what it is held against, in the signal's unit. HpaMetricSpec:
  // kUtilization in percent, the others in whole units (250m is 0.25).
  std::optional<double> current;
  std::optional<double> target;
  // HpaMetricSpec with kUtilization: the raw mean that the HPA reports beside the percentage, in
  // whole units (250m is 0.25).
  std::optional<double> current_average;
  std::optional<int32_t> replicas;  // nullopt: abstains
  std::optional<AbstainReason> abstain;
  std::optional<MissingReason> missing;
  bool blocks_in = false;  // a missing signal: nothing may scale in
  bool past_out = false;   // threshold, step: past in this sample
  bool past_in = false;
  std::optional<Instant> sample_at;           // newest sample it looked at
  bool cooling = false;                       // its own cooldown held its change back
  std::optional<WhenMissing::Kind> fallback;  // this whenMissing spoke in place of a signal
  bool past_burst = false;                    // track: past the burst's ratio in this sample
  std::optional<int32_t> burst;               // track: what it wants while a burst lasts
  // predict: instances that the forecast is worth, whether it may act or not; and, where it brakes
  // scaling in, those that are worth keeping.
  std::optional<int32_t> forecast;
  std::optional<int32_t> keep;
  bool plain = false;        // predict: by the newest minute, its gate being shut
  bool only_raises = false;  // predict, scale-out: alone it takes nothing away
};

// The stages that may move the number, in the order in which they run (docs/architecture.md).
enum class Rule : uint8_t {
  kMissingSignal,
  kStabilizeOut,
  kStabilizeIn,
  kForecastHold,  // predict, full: what is needed again soon is kept
  kBurst,         // no window holds a burst back, and nothing scales in while it lasts
  kRateLimitOut,
  kRateLimitIn,
  kCooldownOut,
  kCooldownIn,
  kDataQuality,  // guard: no scale-in founded on a doubtful signal
  kFreshStart,   // guard, data quality: no scale-in before one full window has been seen
  kJournal,      // guard: the journal cannot be written
  kWarmup,       // guard: no scale-in while ordered instances warm up
  kBadDeploy,    // guard: errors or latency are up and load is not
  kIneffective,  // guard: what was ordered never gets ready, or does not help
  kErrors,       // guard: errors brake scaling in, and are seldom a reason to scale out
  kExternal,     // guard: blockScaleInWhen, blockScaleOutWhen
  kFlapBudget,   // guard: too many changes of direction within an hour
  kSurge,        // guard: too many ordered instances are not ready
  kSizeOrder,    // an operator wants this size for a while
  kMin,
  kScheduleMin,  // in Combine too, so that stabilisation hands the window's size back
  kMax,
  kScheduleMax,
  kPause,
};
inline constexpr int kRuleCount = 25;
const char* rule_name(Rule rule);  // snake_case, as the metric label

struct Adjustment {
  Rule rule;
  int32_t before;
  int32_t after;
  // The last adjustment only, which binds: the size decided had this rule not been there.
  std::optional<int32_t> without = std::nullopt;
  std::optional<uint16_t> policy = std::nullopt;  // kScheduleMin, kScheduleMax: whose bound it is
};

// Why the decision is what it is: the log field, the metric label, the event.
enum class Reason : uint8_t {
  kOnTarget,  // every policy wants the size that stands
  kNoAnswer,  // every policy abstained: hold
  kScaleOut,  // the policy `bound_by` asked for more
  kScaleIn,   // the policy `bound_by` asked for less
  kBelowMin,  // bounds repair
  kAboveMax,
  kMissingSignal,  // would scale in, but a signal is missing
  kStabilized,     // held (or softened to the current size) by a window
  kForecastHold,   // would scale in, but the load is forecast to come back
  kBurst,          // would scale in, but a burst lasts
  kRateLimited,
  kCooldown,
  kDataQuality,
  kFreshStart,
  kJournal,
  kWarmup,
  kBadDeploy,
  kIneffective,
  kErrors,
  kExternal,
  kFlapBudget,
  kSurge,
  kAtMin,  // wants less than min allows, and is there
  kAtMax,
  kDisabled,   // HPA: size 0 with min above 0 switches scaling off
  kStopping,   // the controller ends and was asked to stop its instances
  kScheduled,  // moved to, or held at, a bound that a schedule's window sets
  kSizeOrder,  // moved to, or held at, the size that an operator ordered
  kPaused,     // would move, and is paused: the bounds may be violated
};
inline constexpr int kReasonCount = 29;
const char* reason_name(Reason reason);  // snake_case

// How the service is doing at one moment, in the units of its signals.
struct Vitals {
  std::optional<double> load;   // requests per second of one instance
  std::optional<double> total;  // of all of them
  std::optional<double> work;
  std::optional<double> latency;
  std::optional<double> errors;

  bool operator==(const Vitals&) const = default;
};

// Of a bad deploy.
struct Suspicion {
  Instant since;  // of the deploy where it is known; otherwise three minutes before it was noticed
  int32_t size;   // that stood before
  Vitals before;  // what was usual then
  bool operator==(const Suspicion&) const = default;
};

struct Decision {
  int32_t from = 0;
  int32_t to = 0;
  Reason reason = Reason::kNoAnswer;
  int32_t combined = 0;  // after stage 2: what stabilisation remembers
  // HPA: without a recommendation (pre-checks, failing metrics) stabilisation remembers nothing.
  bool remember = true;
  std::optional<uint16_t> bound_by;  // index of the policy whose number won
  // With room for one: thousands of decisions are kept, and each unused place of these three is
  // 120, 24 and 88 bytes.
  boost::container::small_vector<Proposal, 1> proposals;      // one for each policy, in order
  boost::container::small_vector<Adjustment, 1> adjustments;  // only the stages that moved it
  boost::container::small_vector<SignalValue, 1> signals;     // parallel to WorkloadSpec::signals
  Vitals vitals;
  std::optional<Duration> time_to_ready;  // Workload's: what a trial of a scale-out waits for
  Shared<Suspicion> suspicion;            // seldom there
  std::optional<Rule> waived;  // within evaluate only: the rule that Adjustment::without leaves out
};

}  // namespace autoscaler
