#pragma once

#include "policies/decision.h"
#include "policies/spec.h"
#include "policies/workload.h"

#include <boost/container/small_vector.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace autoscaler {

// A run of equal recommendations: `replicas` was wanted at every tick from `first` to `last`.
// Runs keep the memory small and the windows exact.
struct Recommendation {
  Instant first;
  Instant last;
  int32_t replicas;
};

struct ScaleEvent {
  Instant at;
  int32_t change;  // > 0 out, < 0 in

  bool operator==(const ScaleEvent&) const = default;
};

// What a policy has to remember between ticks.
struct PolicyMemory {
  int32_t past_out_samples = 0;  // consecutive samples with the out marks past
  int32_t past_in_samples = 0;
  std::optional<Instant> last_sample;
  std::optional<Instant> last_out;  // a successful resize that this policy bound
  std::optional<Instant> last_in;
  int32_t added = 0;                  // step: by its resizes in the cooldown that last_out began
  std::optional<Instant> last_burst;  // track: last past the burst's ratio
  int32_t burst_peak = 0;             // track: the most it wanted in this burst
};

struct SignalMemory {
  std::optional<Instant> missing_since;
  std::optional<double> last_value;  // whenMissing: last
  std::optional<Instant> last_value_at;
  int32_t last_reporting = 0;        // instances behind last_value; 0: one reading for the service
  std::optional<Instant> last_step;  // whenMissing: towardsMax
  // The last outage, while some of it lies within SignalSpec::lookback.
  std::optional<Instant> outage_began;
  std::optional<Instant> outage_ended;
  // SignalSpec::believe_zero_after: when load was last seen, and which share of its counters move
  // from one sample to the next when all is well (moving average, rounded to 1e-6).
  std::optional<Instant> last_load;
  std::optional<double> pace;

  // Guard against scale-outs that do not help (latency and errors only). A trial begins with one
  // that this signal asked for.
  struct Trial {
    Instant at;
    double value;  // the signal, then
    double load;   // of one instance, then
    bool operator==(const Trial&) const = default;
  };
  std::optional<Trial> trial;
  int32_t useless_trials = 0;            // in a row
  std::optional<Instant> useless_until;  // no scale-out for its sake before
};

// The last minutes of a service, without gaps: a minute of which nothing is known is empty.
struct VitalsHistory {
  static constexpr size_t kMinutes = 20;
  Instant newest;              // beginning of the last one, which may still run
  SharedList<Vitals> minutes;  // oldest first, kMinutes at most; of each the last values seen
};

// The bounded memory of one workload. A value; advanced only by `record`. It is copied in each
// tick: with room for one of what most services at rest have one of.
struct Recent {
  template <typename T>
  using List = boost::container::small_vector<T, 1>;

  std::optional<Instant> first_seen;
  List<Recommendation> recommendations;  // oldest first, none older than the longest window
  std::vector<ScaleEvent> events;        // oldest first, none older than the longest period
  std::optional<Instant> last_out;
  std::optional<Instant> last_in;
  List<PolicyMemory> policies;  // parallel to WorkloadSpec::policies
  List<SignalMemory> signals;   // parallel to WorkloadSpec::signals
  VitalsHistory vitals;
  Shared<Suspicion> suspicion;
  std::vector<Instant> turns;  // changes of direction within the last hour, oldest first
};

// What was done about a decision.
enum class Outcome {
  kHeld,     // to == from
  kApplied,  // the change was made, or is under way
  kSkipped,  // dry-run
  kFailed,   // it could not be made
};
inline constexpr int kOutcomeCount = 4;
const char* outcome_name(Outcome outcome);

// Memory of a workload never seen before: its current size as the one recommendation, so that the
// first scale-in waits a full window.
Recent first_sight(const WorkloadSpec& spec, int32_t size, Instant now);

// Advances the memory by one tick. Cooldowns and scale events start only with kApplied.
void record(const WorkloadSpec& spec, const Decision& decision, Outcome outcome, Instant now,
            Recent& recent);

}  // namespace autoscaler
