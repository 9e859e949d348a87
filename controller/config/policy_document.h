#pragma once

#include "base/result.h"
#include "controller/config/config.h"
#include "controller/config/node.h"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <string>
#include <vector>

namespace autoscaler {

inline constexpr const char* kPolicyGroup = "autoscaler.io";
inline constexpr const char* kPolicyVersion = "v1alpha1";
inline constexpr const char* kPolicyKind = "ScalingPolicy";
inline constexpr const char* kPolicyPlural = "scalingpolicies";

// A ScalingPolicy as the API server has it.
struct PolicyDocument {
  PolicyObject object;
  std::string created;  // metadata.creationTimestamp: of two such texts the earlier is the smaller
  NodePtr spec;         // nullptr: it was not read, because of `problem`
  std::string problem;
};
using PolicyDocuments = std::vector<std::shared_ptr<const PolicyDocument>>;

// kInvalid: it has no name or namespace. A spec too large or too deep to be meant is a problem of
// the document: 10,000 values, 32 levels.
Result<PolicyDocument> read_policy_document(const nlohmann::json& object);

// "shop/checkout": the name of its workload in decisions, journal and metrics.
std::string workload_of(const PolicyObject& object);

// Its spec as a workload beside those of `file`, whose intervals and servers it is read with.
// Problems have the path from `spec` on.
WorkloadResult parse_policy(const PolicyDocument& document, const Config& file);

// As it stands among the workloads of a tree that compare_configs compares.
NodePtr policy_tree(const PolicyDocument& document);

}  // namespace autoscaler
