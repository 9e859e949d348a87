#pragma once

#include "base/result.h"
#include "controller/config/config.h"
#include "controller/fleet.h"
#include "policies/evaluate.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace autoscaler {

// One decision's inputs, as `decide` reads them and the journal keeps them.
struct Snapshot {
  Instant now;
  WorkloadConfig config;
  Workload workload;
  Signals signals;
  Recent recent;
};

// Reads a `decide` document: Kubernetes' own field names, or `instances` and `signals` in ours.
// Errors name the path in the document and what is allowed there.
Result<Snapshot> parse_snapshot(std::string_view text);

// The same document, in our own nouns; parse_snapshot reads back exactly what was written.
nlohmann::json snapshot_json(const WorkloadConfig& config, const Workload& workload,
                             const Signals& signals, const Recent& recent, Instant now);

// {from, to, reason, proposals: [...], adjustments: [...], conditions}
nlohmann::json decision_json(const WorkloadSpec& spec, const Decision& decision);

nlohmann::json signals_json(const WorkloadSpec& spec, const Signals& signals);

// One line for a log: "checkout 3 -> 5: track-cpu wants 5 (cpu 0.91, target 0.65); capped by ...".
std::string explain_line(const WorkloadSpec& spec, const Decision& decision);

// The memory of a workload as the journal keeps it.
nlohmann::json memory_json(const WorkloadSpec& spec, const WorkloadMemory& memory);
// Unknown policies and signals (the config changed) are dropped. kInvalid where it cannot be read.
Result<WorkloadMemory> parse_memory(const WorkloadSpec& spec, std::string_view text);

std::string format_instant(Instant at);  // 2026-11-22T10:00:00.000Z, as RFC 3339
Result<Instant> parse_instant(std::string_view text);

}  // namespace autoscaler
