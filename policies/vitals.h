#pragma once

#include "policies/scene.h"

#include <span>

namespace autoscaler {

using VitalNumber = std::optional<double> Vitals::*;
inline constexpr VitalNumber kVitalNumbers[] = {&Vitals::load, &Vitals::total, &Vitals::work,
                                                &Vitals::latency, &Vitals::errors};

// What the signals of this tick say of the service. Load is what one instance in the balancer
// carries: a total is divided by how many there are.
Vitals vitals_of(const Scene& scene, std::span<const SignalValue> values);

// Into the minute under way: of each number the last one known stands for the minute.
void remember_vitals(const Vitals& vitals, Instant now, VitalsHistory& history);

// The beginning of the minute that `at` is in.
inline Instant minute_of(Instant at) {
  return std::chrono::floor<std::chrono::minutes>(at);
}

// The median over the minutes that began within [from, to); nullopt where fewer than `at_least` of
// them are known.
std::optional<double> median_of(const VitalsHistory& history, VitalNumber number, Instant from,
                                Instant to, size_t at_least);
Vitals medians_of(const VitalsHistory& history, Instant from, Instant to, size_t at_least);

}  // namespace autoscaler
