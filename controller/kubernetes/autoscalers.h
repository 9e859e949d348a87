#pragma once

#include "controller/kubernetes/api_client.h"

#include <string>

namespace autoscaler {

// The HorizontalPodAutoscalers of a namespace (empty: of all) and, where the server has that kind,
// the ScaledObjects of KEDA, as one List in JSON, page by page. Errors: the server's.
Result<std::string> list_autoscalers(ApiClient& client, const std::string& name_space);

}  // namespace autoscaler
