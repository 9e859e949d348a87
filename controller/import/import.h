#pragma once

#include <span>
#include <string>
#include <vector>

namespace autoscaler {

struct ObjectFile {
  std::string name;  // as remarks call it; empty: from no file, they name objects and no lines
  std::string text;  // YAML or JSON: one or several documents, each an object or a List of them
};

// A config file, or ScalingPolicies for kubectl, each in the namespace of its object.
enum class ImportAs { kConfig, kScalingPolicies };

struct Imported {
  std::string config;  // YAML; empty where nothing became a workload
  std::vector<std::string>
      remarks;  // "hpa.yaml:12: Deployment shop/checkout: what, and what to do"
  size_t workloads = 0;
  size_t refused = 0;  // objects and files that could not be read as what they say they are
};

// HorizontalPodAutoscalers and KEDA ScaledObjects as what decides as they do. What has no
// counterpart is left out and remarked on; objects of other kinds are passed over in silence.
Imported import_objects(std::span<const ObjectFile> files, ImportAs as = ImportAs::kConfig);

}  // namespace autoscaler
