#pragma once

#include <string>

namespace autoscaler {

// The CustomResourceDefinition of ScalingPolicy as YAML: `autoscaler schema --crd`. Its schema is
// structural, and is made of what reads a ScalingPolicy.
std::string policy_crd();

}  // namespace autoscaler
