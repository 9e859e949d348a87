#pragma once

#include "base/shared.h"
#include "base/shared_text.h"
#include "policies/time.h"

#include <boost/container/small_vector.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace autoscaler {

using InstanceId = SharedText;

// Why a value cannot be known. A closed list: each name is a metric label.
enum class MissingReason : uint8_t {
  kNoTarget,            // nothing to ask: the service has no instance
  kUnreachable,         // refused, reset, or no route
  kTimeout,             // no complete answer within the deadline
  kTooLarge,            // body or headers past their cap
  kMalformed,           // the answer could not be parsed
  kBadStatus,           // HTTP status other than 200
  kNoSeries,            // a good answer, without the metric that was asked for
  kTooFewSamples,       // a rate needs two points, a window more than it has
  kStale,               // older than maxAge
  kNotFinite,           // NaN or infinite
  kMixedBuckets,        // histograms whose bucket layouts differ
  kLowCoverage,         // fewer instances report than minCoverage asks for
  kSourceError,         // the source itself said that it failed
  kNoRequest,           // Kubernetes: a utilisation of a request that a container does not make
  kAmbiguous,           // several series where one was asked for
  kTooFewObservations,  // a quantile of fewer observations than minObservations asks for
  kSuspiciousZero,      // it shows nothing while others, or its own recent past, show load
  kClockJump,           // the target's clock was set: its samples cannot be put in order
};
inline constexpr int kMissingReasonCount = 18;
const char* missing_reason_name(MissingReason reason);  // snake_case, as the metric label

struct Missing {
  MissingReason reason;
  std::string
      detail;  // for a person: what was asked, what came; empty where the reason says it all
};

// Two rates or totals of one unit. 0/0 is a measured value: there was no traffic.
struct RatioParts {
  double numerator;
  double denominator;
};

// One histogram. `bounds` ascend and the last is +Inf; `rates[i]` counts what fell in
// (bounds[i-1], bounds[i]] (not cumulative), in observations per second.
struct BucketRates {
  std::vector<double> bounds;
  std::vector<double> rates;
};

// Usage of a pod's containers in milli-units (250m is 250; one byte is 1000), for one resource.
// nullopt: the container is listed without that resource.
struct ContainerUsage {
  std::vector<std::pair<std::string, std::optional<int64_t>>> containers;
};

// Custom and external metrics of Kubernetes in milli-units: one element, or one for each series.
struct Quantities {
  std::vector<int64_t> milli;
};

using Value = std::variant<double, RatioParts, BucketRates, ContainerUsage, Quantities>;

struct Measured {
  Value value;
  Instant at;       // when the newest sample in it was taken
  Duration window;  // how much time it covers; 0 for a gauge
  // Its quality. Share of the window asked for that its samples cover, each standing for the time
  // to the next: 3 samples in 10 s of a 30 s window are 0.5.
  double completeness = 1;
  int32_t still = 0;       // counters: how many of the newest steps went by without any that moved
  bool restarted = false;  // counters: one went back within the window: it may have counted more
};

using Reading = std::variant<Measured, Missing>;

struct InstanceReading {
  InstanceId instance;
  Reading reading;
};

// One for each instance, ordered by id.
using InstanceReadings = SharedList<InstanceReading>;

// One signal of one workload: either a single reading for the service (a query, the balancer),
// or one for each instance. Never aggregated before policies/ sees it.
struct Signal {
  std::variant<Reading, InstanceReadings> readings;
};

// Parallel to WorkloadSpec::signals: the same order, the same length. Most have one.
using Signals = boost::container::small_vector<Signal, 1>;

}  // namespace autoscaler
