#pragma once

#include "base/result.h"
#include "policies/time.h"

#include <cstddef>
#include <stop_token>
#include <string>

namespace autoscaler {

// How the metrics APIs of Kubernetes are asked. Blocks; thread-safe.
class KubernetesMetricsApi {
 public:
  virtual ~KubernetesMetricsApi() = default;

  // The body of a 200 to GET of a path with its query, percent-encoded:
  // /apis/metrics.k8s.io/v1beta1/namespaces/shop/pods. kNotFound: nobody serves that API, or it
  // does not have the metric. kDenied: the message names the verb and resource that RBAC must
  // allow. `expected_bytes`: about so long it will be, as far as is known; 0: nothing is.
  virtual Result<std::string> get(const std::string& path, Duration deadline,
                                  const std::stop_token& stop, size_t expected_bytes) = 0;
};

}  // namespace autoscaler
