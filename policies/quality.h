#pragma once

#include "policies/scene.h"
#include "policies/tally.h"

#include <optional>

namespace autoscaler {

// How far a value may be trusted. What a signal does not show is no proof that there is no load: an
// exporter may be stuck, half of them silent, a window filled with a few seconds.

// Zeros
// -----
// A reading shows nothing when its value is zero, or when its counters stand still in the newest
// sample, whatever the rest of the window makes of them. It is suspicious where there is load all
// the same: another instance shows some, or a signal that shows_load does, or, where there is no
// such signal, this one did within the last believe_zero_after.
//
// Counters stand still now and then of themselves. One that moves from sample to sample with chance
// p (SignalMemory::pace) stands still for s samples in a row with chance (1 - p)^s. With all of
// them moving, p is held to be 0.97, so the first still sample (3 in 100) is doubted, the third (3
// in 100,000) is Missing{kSuspiciousZero}; with p = 0.5 that takes 5 and 14. A counter that never
// moved is not suspicious, except that of a utilisation: an instance under load uses some.
enum class ZeroVerdict { kBelieved, kDoubted, kSuspicious };
bool shows_nothing(const Measured& measured);
bool is_load_known(const SignalSpec& spec, const Surroundings& around, Instant now);
ZeroVerdict judge_zero(const SignalSpec& spec, const Measured& measured,
                       const SignalMemory& memory);

// The memory of it after one more tick.
void remember_load(const SignalValue& signal, Instant now, SignalMemory& memory);

// Doubts
// ------
// A value stands on firm ground when min_coverage_in of the expected instances report without a
// flaw. Otherwise scale-out may use it, and scale-in not: the guard `data_quality`.
std::optional<Doubt> flaw_of(const Measured& measured, ZeroVerdict zero);
std::optional<Doubt> doubt_of(const SignalSpec& spec, const Tally& tally);

// Of a signal whose readings do not say how much time they cover (a query that looks back): 1, less
// the part of `lookback` that an outage still has a hole in. 10 minutes without an answer, back for
// 2, looking back over 5: 0.4.
double completeness_after_outage(const SignalSpec& spec, const SignalMemory& memory, Instant now);
void remember_outage(const SignalSpec& spec, const SignalValue& signal, Instant now,
                     SignalMemory& memory);
inline constexpr double kComplete = 0.8;

// Whether a signal that some policy uses is in doubt. One that is whenMissing: ignore blocks
// nothing, in doubt either.
bool is_in_doubt(const Scene& scene, const Decision& decision);

}  // namespace autoscaler
