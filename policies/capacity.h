#pragma once

#include <cstdint>
#include <optional>

namespace autoscaler {

// How the load that one instance carries within the SLO is known, or why it is not. A closed list:
// each name is a metric label.
enum class CapacityEvidence {
  kTooFewSamples,  // unknown: too few samples, or at too few different loads
  kLatencyFlat,    // unknown: p95 does not rise with load, as far as load was seen
  kSloNotMet,      // unknown: p95 is past the SLO at every load that was seen
  kKnee,           // seen: the SLO is met below this load and not above it
  kFit,            // drawn on from what was seen, along the curve of a queue
  kFitLimited,     // the same, held at 1.3 times the highest load that was seen to be safe
  kProbe,          // after a change of the command, and with p95 past the SLO: tried step by step
};
inline constexpr int kCapacityEvidenceCount = 7;
const char* capacity_evidence_name(CapacityEvidence evidence);  // snake_case, as the metric label

// What was learned of one load signal. Decisions are made from these numbers, so they are rounded
// to 1e-6 and journalled with the other inputs: the same ones give the same decision on any
// machine. Loads are per instance, in the signal's unit.
struct Capacity {
  CapacityEvidence evidence = CapacityEvidence::kTooFewSamples;
  // At least this much, with 95 % confidence; for half an hour after a change of the command only
  // 0.85 times that. nullopt: unknown.
  std::optional<double> per_instance;
  std::optional<double> likely;   // the single most likely value; >= per_instance
  std::optional<double> safe_to;  // the highest load at which p95 was seen to meet the SLO
  int32_t samples = 0;

  bool operator==(const Capacity&) const = default;
};

// How sure `per_instance` is, 0 to 1: its share of the most likely value; 0 where it is unknown.
double confidence(const Capacity& capacity);

}  // namespace autoscaler
