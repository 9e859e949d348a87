#pragma once

#include "policies/decision.h"
#include "policies/recent.h"
#include "policies/signal.h"
#include "policies/spec.h"
#include "policies/workload.h"

#include <boost/container/small_vector.hpp>

#include <array>
#include <optional>
#include <span>

namespace autoscaler {

// What a signal's readings are judged by besides themselves.
struct Surroundings {
  SignalMemory memory{};
  std::optional<bool> load{};  // of the service, by the signals that show it; nullopt: not known
};

// The readings of a signal that count, and why the others do not.
struct Tally {
  // Inline for as many instances as most services have: nothing is allocated for them.
  boost::container::small_vector<const Measured*, 64> usable;
  int32_t expected = 0;
  std::optional<MissingReason> common;  // of the readings that failed, while it is the same for all
  bool mixed = false;
  std::optional<double> moving;  // as SignalValue::moving
  // Of the usable ones, how many no scale-in is founded on, and why.
  int32_t unsound = 0;
  std::array<int32_t, kDoubtCount> flaws{};
};

// Of the instances in service, or of every reading where the signal has targets of its own.
Tally tally(const SignalSpec& spec, std::span<const InstanceReading> readings,
            std::span<const Instance> instances, const Surroundings& around, Instant now);

// Of a single reading for the service.
Tally tally(const SignalSpec& spec, const Reading& reading, const Surroundings& around,
            Instant now);

}  // namespace autoscaler
