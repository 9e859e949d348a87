#pragma once

#include "controller/snapshot/document.h"
#include "controller/snapshot/snapshot.h"
#include "policies/recent.h"
#include "policies/signal.h"
#include "policies/spec.h"
#include "policies/workload.h"

#include <nlohmann/json_fwd.hpp>

#include <span>
#include <vector>

// Our own nouns as JSON, each written and read back: what is read equals what was written. Shared
// by the decide document and the journal's memory.
namespace autoscaler {

nlohmann::json instances_json(std::span<const Instance> instances);
std::vector<Instance> read_instances(const Place& place);

// By signal name. A signal that is not there reads as Missing; `at` defaults to `now`.
Signals read_signals(const Place& place, const WorkloadSpec& spec, Instant now,
                     UnknownNames unknown);

// {firstSeen, recommendations, scaleEvents, lastOut, lastIn, policies, signals}; the last two by
// name, and only those with something to remember.
nlohmann::json recent_json(const WorkloadSpec& spec, const Recent& recent);
// `start` gives what the document leaves out. Times may be instants, or ages in seconds before
// `now`.
Recent read_recent(const Place& place, const WorkloadSpec& spec, Recent start, Instant now,
                   UnknownNames unknown);

// {<policy>: {opens, closes}}, those that are open.
nlohmann::json windows_json(const WorkloadSpec& spec, const std::vector<OpenWindow>& windows);
std::vector<OpenWindow> read_windows(const Place& place, const WorkloadSpec& spec);

// {pause: {direction, until}, size: {replicas, until}}; those that were ordered.
nlohmann::json orders_json(const Orders& orders);
Orders read_orders(const Place& place);

// {capacity: {<signal>: {evidence, perInstance, likely, safeTo, samples}}, forecast: {<policy>:
// {gate, at, lead, hold, ...}}, budget: {left, burnRate, price, frozen}}: what was learned, as it
// enters the decision; only signals of which something was.
nlohmann::json learned_json(const WorkloadSpec& spec, const Workload& workload);
void read_learned(const Place& place, const WorkloadSpec& spec, UnknownNames unknown,
                  Workload& workload);
nlohmann::json prediction_json(const Prediction& prediction);
nlohmann::json spending_json(const BudgetSpending& spending);

// The part of Recent that guards keep, beside the rest: {vitals, suspicion, turns}, each only where
// there is something to remember.
void put_guard_memory(nlohmann::json& object, const Recent& recent);
void read_guard_memory(const Place& place, Recent& recent);

// Sets `key` only where there is an instant.
void put_instant(nlohmann::json& object, const char* key, const std::optional<Instant>& at);

}  // namespace autoscaler
