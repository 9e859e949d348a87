#pragma once

#include "base/result.h"
#include "policies/time.h"

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
  // allow. `room`: a text that nobody needs, whose memory the body may take: of thousands of
  // pods megabytes, which would come from the kernel page by page each time.
  virtual Result<std::string> get(const std::string& path, Duration deadline,
                                  const std::stop_token& stop, std::string room) = 0;
};

}  // namespace autoscaler
