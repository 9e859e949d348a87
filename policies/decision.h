#pragma once

#include "policies/signal.h"
#include "policies/spec.h"

#include <boost/container/small_vector.hpp>

#include <cstdint>
#include <optional>

namespace autoscaler {

// Why a policy has no number to give.
enum class AbstainReason {
  kSignalMissing,  // whenMissing: ignore
  kNoTraffic,      // a quantile or ratio of nothing
  kNoInRule,       // threshold that only scales out, and no `out` mark is past
  kHeld,           // whenMissing: hold
  // perInstance: learned, and not known yet or at all (policies/capacity.h):
  kTooFewSamples,
  kLatencyFlat,
  kSloNotMet,
};
inline constexpr int kAbstainReasonCount = 7;
const char* abstain_reason_name(AbstainReason reason);

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
};

// What one policy wants. Small and flat, so that a tick allocates nothing.
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
  bool blocks_in = false;                     // a missing signal: nothing may scale in
  bool past_out = false;                      // threshold: the out marks are past in this sample
  bool past_in = false;                       // threshold: the in marks are past in this sample
  std::optional<Instant> sample_at;           // newest sample it looked at
  bool cooling = false;                       // its own cooldown held its change back
  std::optional<WhenMissing::Kind> fallback;  // this whenMissing spoke in place of a signal
};

// The stages that may move the number, in the order in which they run (docs/architecture.md).
enum class Rule {
  kMissingSignal,
  kStabilizeOut,
  kStabilizeIn,
  kRateLimitOut,
  kRateLimitIn,
  kCooldownOut,
  kCooldownIn,
  kFreshStart,  // guard, data quality: no scale-in before one full window has been seen
  kJournal,     // guard: the journal cannot be written
  kWarmup,      // guard: no scale-in while ordered instances warm up
  kMin,
  kMax,
};
inline constexpr int kRuleCount = 12;
const char* rule_name(Rule rule);  // snake_case, as the metric label

struct Adjustment {
  Rule rule;
  int32_t before;
  int32_t after;
};

// Why the decision is what it is: the log field, the metric label, the event.
enum class Reason {
  kOnTarget,  // every policy wants the size that stands
  kNoAnswer,  // every policy abstained: hold
  kScaleOut,  // the policy `bound_by` asked for more
  kScaleIn,   // the policy `bound_by` asked for less
  kBelowMin,  // bounds repair
  kAboveMax,
  kMissingSignal,  // would scale in, but a signal is missing
  kStabilized,     // held (or softened to the current size) by a window
  kRateLimited,
  kCooldown,
  kFreshStart,
  kJournal,
  kWarmup,
  kAtMin,  // wants less than min allows, and is there
  kAtMax,
  kDisabled,  // HPA: size 0 with min above 0 switches scaling off
  kStopping,  // the controller ends and was asked to stop its instances
};
inline constexpr int kReasonCount = 17;
const char* reason_name(Reason reason);  // snake_case

struct Decision {
  int32_t from = 0;
  int32_t to = 0;
  Reason reason = Reason::kNoAnswer;
  int32_t combined = 0;  // after stage 2: what stabilisation remembers
  // HPA: without a recommendation (pre-checks, failing metrics) stabilisation remembers nothing.
  bool remember = true;
  std::optional<uint16_t> bound_by;                       // index of the policy whose number won
  boost::container::small_vector<Proposal, 4> proposals;  // one for each policy, in order
  boost::container::small_vector<Adjustment, 8> adjustments;  // only the stages that moved it
  boost::container::small_vector<SignalValue, 8> signals;     // parallel to WorkloadSpec::signals
};

}  // namespace autoscaler
