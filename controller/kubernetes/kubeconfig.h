#pragma once

#include "controller/kubernetes/access.h"

#include <string>

namespace autoscaler {

inline constexpr const char* kServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";

struct AccessChoice {
  // Empty: $KUBECONFIG (files separated by colons; the first that has a name wins); without it the
  // service account of the pod, and outside of pods ~/.kube/config.
  std::string kubeconfig;
  std::string context;  // empty: current-context
  std::string service_account = kServiceAccount;
};

// Errors name the file and the place in it, never what is secret there. kNotFound: there is no such
// file, context, cluster or user. kInvalid: what is there makes no sense or is not supported.
Result<ApiAccess> find_access(const AccessChoice& choice);

// `host` and `port` as in KUBERNETES_SERVICE_HOST and _PORT.
Result<ApiAccess> pod_access(const std::string& host, const std::string& port,
                             const std::string& service_account);

}  // namespace autoscaler
