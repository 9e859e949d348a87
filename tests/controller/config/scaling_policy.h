#pragma once

#include "base/check.h"
#include "controller/config/policy_document.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <string>

namespace autoscaler {

// A spec that is good, with another maximum.
inline nlohmann::json good_spec(int max = 9) {
  return {{"target", {{"kind", "Deployment"}, {"name", "checkout"}}},
          {"replicas", {{"min", 2}, {"max", max}}},
          {"signals", {{"cpu", {{"source", "kubernetes"}, {"resource", "cpu"}}}}},
          {"policies", {{{"track", {{"signal", "cpu"}, {"target", "65%"}}}}}}};
}

inline nlohmann::json policy_object(const std::string& name, const nlohmann::json& spec,
                                    int second = 1, int generation = 1) {
  return {{"apiVersion", "autoscaler.io/v1alpha1"},
          {"kind", "ScalingPolicy"},
          {"metadata",
           {{"namespace", "shop"},
            {"name", name},
            {"uid", "uid-" + name},
            {"generation", generation},
            {"creationTimestamp", "2026-11-01T00:00:0" + std::to_string(second) + "Z"}}},
          {"spec", spec}};
}

// `second`: of its creation.
inline std::shared_ptr<const PolicyDocument> policy(const std::string& name,
                                                    const nlohmann::json& spec, int second = 1,
                                                    int generation = 1) {
  auto read = read_policy_document(policy_object(name, spec, second, generation));
  CHECK(read.ok());
  return std::make_shared<const PolicyDocument>(*std::move(read));
}

inline std::shared_ptr<const Config> config_file(const std::string& more = "") {
  const ConfigResult read =
      parse_config("controller: {kubernetes: {policies: {}}}\n" + more, "config.yaml");
  CHECK(read.config.has_value());
  return std::make_shared<const Config>(*read.config);
}

}  // namespace autoscaler
