#pragma once

#include "base/result.h"
#include "controller/hand_over.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace autoscaler {

// {version, lastOut, lastIn, policies: {<name>: {lastOut, lastIn, added}}, scaleEvents, turns,
// orders, ordered}; only what there is, and {} where there is nothing.
nlohmann::json hand_over_json(const WorkloadSpec& spec, const HandOver& left);
// Policies that the spec does not have are left out. kInvalid: what is wrong, and where.
Result<HandOver> parse_hand_over(const WorkloadSpec& spec, const nlohmann::json& document);

// {readyTimesMs, learned: {<part>: {version, bytes}}}: the bytes deflated, in base64.
nlohmann::json experience_json(const Experience& left);
// Parts of `workload`. One that is damaged is left out and named in `lost`.
Result<Experience> parse_experience(const std::string& workload, const nlohmann::json& document,
                                    std::vector<std::string>& lost);

}  // namespace autoscaler
