#pragma once

#include "base/result.h"
#include "controller/kubernetes/api_client.h"

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace autoscaler {

// What the API server calls the objects of a kind in its paths: Deployment of apps/v1 is
// /apis/apps/v1/…/deployments. Asked for once a kind, where Kubernetes does not bring it along.
// Thread-safe.
class ResourceNames {
 public:
  explicit ResourceNames(ApiClient& client) : client_(client) {}

  // "/apis/apps/v1/namespaces/shop/deployments/web". kNotFound: nobody serves that kind, or it has
  // no scale subresource. `deadline`: of the question.
  Result<std::string> path_of(const std::string& api_version, const std::string& kind,
                              const std::string& name_space, const std::string& name,
                              std::chrono::milliseconds deadline);
  // "deployments"; the same.
  Result<std::string> plural_of(const std::string& api_version, const std::string& kind,
                                std::chrono::milliseconds deadline);
  // Where it is known without a question.
  std::optional<std::string> known_plural(const std::string& api_version,
                                          const std::string& kind) const;

 private:
  Result<std::string> discover(const std::string& api_version, const std::string& kind,
                               std::chrono::milliseconds deadline);

  ApiClient& client_;
  mutable std::mutex mutex_;  // guards known_
  std::map<std::pair<std::string, std::string>, std::string> known_{
      {{"apps/v1", "Deployment"}, "deployments"},
      {{"apps/v1", "ReplicaSet"}, "replicasets"},
      {{"apps/v1", "StatefulSet"}, "statefulsets"},
  };
};

// "/apis/apps/v1", "/api/v1"
std::string api_root(const std::string& api_version);

}  // namespace autoscaler
