#pragma once

#include "base/result.h"
#include "controller/config/config.h"
#include "controller/fleet.h"
#include "metrics/instant.h"
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
//   now              RFC 3339
//   policy           a workload of the config as JSON, or an autoscaling/v2
//                    HorizontalPodAutoscaler
//   scale            {spec: {replicas}, status: {replicas}}; with `instances` it may be left out:
//                    the instances that count
//   pods             v1 Pods                        | instances  [{id, lifecycle, pod}]
//   metrics          {podMetrics, custom, external} | signals    {<name>: reading, or one for each
//                    instance}; a reading is {value, at, window} or {missing, detail}
//   flags            of kube-controller-manager, under `compatibility: hpa`
//   history          {recommendations, scaleEvents, ...}; absent: first sight, one recommendation
//                    of the current size; recommendations []: nothing is remembered or held
//   learned          {capacity: {<signal>: {evidence, perInstance, ...}}, forecast: {<policy>:
//   {gate,
//                    lead, hold, ...}}, budget}; absent: nothing is known
//   journalWritable  true if absent
//   schedules        {<policy>: {opens, closes}}, those that are open; absent: those of `policy` at
//   `now` orders           {pause: {direction, until}, size: {replicas, until}}, of operators
// kInvalid: a line for each thing wrong, with its path in the document and what is allowed there.
//
// kDrop is for a recorded document under another policy than it was recorded with: signals,
// memories and flags that the policy does not have are left out, and a signal that only it has is
// Missing.
enum class UnknownNames { kProblem, kDrop };
Result<Snapshot> parse_snapshot(std::string_view text,
                                UnknownNames unknown = UnknownNames::kProblem);

// The same document without its policy, in our own nouns. Always valid UTF-8.
nlohmann::json inputs_json(const WorkloadConfig& config, const Workload& workload,
                           const Signals& signals, const Recent& recent, Instant now);
// The whole of it: the policy's text, which is not read only to be written again, and `inputs` with
// whatever was added to them. parse_snapshot reads back exactly what was written, and what it read
// is written to the same bytes, but for the order of the policy's keys.
std::string snapshot_text(const WorkloadConfig& config, const nlohmann::json& inputs);

// {from, to, reason, combined, proposals: [{policy, metric, current, target, replicas | abstain |
// error}], adjustments: [{rule, before, after}], conditions}. A HorizontalPodAutoscaler's `current`
// and `target` are written as in its status, and only it has conditions.
nlohmann::json decision_json(const WorkloadSpec& spec, const Decision& decision);

nlohmann::json signals_json(const WorkloadSpec& spec, const Signals& signals);

// {evidence, perInstance, likely, safeTo, samples}; loads in the signal's unit, where known.
nlohmann::json capacity_json(const Capacity& capacity);

// One line for a log, of numbers and rules:
//   checkout 3 -> 5: track-cpu wants 7 (cpu 91% of target 65%); rate limit 7 -> 5
//   checkout holds at 5: track-cpu wants 2 (cpu 24% of target 65%); scale-in window 2 -> 5
std::string explain_line(const WorkloadSpec& spec, const Decision& decision);

// The memory of a workload as the journal keeps it.
nlohmann::json memory_json(const WorkloadSpec& spec, const WorkloadMemory& memory);
// Unknown policies and signals (the config changed) are dropped. kInvalid where it cannot be read.
Result<WorkloadMemory> parse_memory(const WorkloadSpec& spec, std::string_view text);

}  // namespace autoscaler
