#pragma once

namespace autoscaler {

// The kind, as far as an API server must know it to keep specs and statuses.
inline constexpr const char* kPolicyDefinition = R"({
  "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
  "metadata": {"name": "scalingpolicies.autoscaler.io"},
  "spec": {"group": "autoscaler.io", "scope": "Namespaced",
    "names": {"plural": "scalingpolicies", "singular": "scalingpolicy", "kind": "ScalingPolicy",
              "listKind": "ScalingPolicyList"},
    "versions": [{"name": "v1alpha1", "served": true, "storage": true,
      "subresources": {"status": {}},
      "schema": {"openAPIV3Schema": {"type": "object", "properties": {
        "spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
        "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}}}]}})";

}  // namespace autoscaler
