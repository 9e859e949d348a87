#pragma once

#include "controller/hand_over.h"
#include "controller/kubernetes/policy_conditions.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace autoscaler {

// What the status of a ScalingPolicy is to say, but for what only its own past tells.
struct PolicyStatus {
  Instant at{};
  int64_t generation = 0;
  // observedGeneration, currentReplicas, desiredReplicas, lastScaleTime, lastDecision, handOver:
  // those that are known now.
  nlohmann::json fields = nlohmann::json::object();
  std::vector<Condition> conditions;
};

// Of one workload's tick; its own, which the leader made. `hand_over`: hand_over_json after it.
PolicyStatus policy_status(const WorkloadTick& tick, Instant now, const nlohmann::json& hand_over);
// Of one that does not run as it stands.
PolicyStatus policy_status(const PolicyState& state, Instant now);

// The whole status after `before`, which is what stands: fields that are not known now and
// conditions that nobody speaks of stay, and so do times of transitions.
nlohmann::json status_after(const nlohmann::json& before, const PolicyStatus& status);

// What is written at once when it changes: sizes, orders, cooldowns, troubles. The rest (numbers,
// reasons why a size is held, pods that come) can wait.
std::string urgent_part(const nlohmann::json& status);
// What is written within half a minute: all but numbers and times.
std::string telling_part(const nlohmann::json& status);

// RFC 7386: what makes `after` of `before`.
nlohmann::json merge_patch_between(const nlohmann::json& before, const nlohmann::json& after);

}  // namespace autoscaler
