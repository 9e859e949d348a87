#pragma once

#include "policies/capacity.h"
#include "policies/capacity_state.h"

#include <optional>

namespace autoscaler {

// What one window showed of an instance in service.
struct CapacitySample {
  double load = 0;            // per instance, above 0
  double p95 = 0;             // in the unit of the SLO, above 0
  std::optional<double> cpu;  // utilisation, a ratio
};

// Takes up one sample. Three rules keep what is no statement about load out of the curve:
// - p95 past the SLO and 1.5 times beyond anything that this or a higher load has shown is no
//   matter of load (a slow dependency, a bad deploy). It is not learned until it has lasted for 20
//   samples (3 after a change of the command): then nothing known holds, and learning starts again.
// - A good p95 at a load is the end of what lower loads have shown that was 1.5 times worse.
// - What was not seen for 14 days is forgotten.
void learn_sample(const CapacitySample& sample, double slo, Instant now, CapacityState& state);

// The command that most instances run has this mark; `mixed`: some run another. A new one is a
// deploy: what was learned counts half, and for half an hour 0.85 of the capacity is used.
void learn_revision(uint64_t revision, bool mixed, Instant now, CapacityState& state);

// What is known now.
Capacity capacity_of(const CapacityState& state, double slo, Instant now);

// Bytes that some other program or a broken disk made: what `learn_sample` could not have left.
bool is_sound(const CapacityState& state);

// Which bin holds this load, of all that there could be: floor(6 log2(load)), without a logarithm,
// so that it is the same on every machine.
int32_t bin_of(double load);

}  // namespace autoscaler
