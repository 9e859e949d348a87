#pragma once

#include "controller/kubernetes/api_client.h"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

namespace autoscaler {

struct ListRequest {
  std::string path;                            // of the collection: /api/v1/pods
  bool from_memory = false;                    // whatever the server has at hand, in one piece
  int page = 500;                              // otherwise: objects asked for at once
  std::chrono::milliseconds deadline{60'000};  // of each request
  bool metadata_only = false;                  // of each object
};

struct Listed {
  std::string resource_version;   // up to which the list is complete
  std::optional<ApiError> error;  // some of it may have been handed over
};

// Hands over each object of a collection while it arrives; `item` refuses one by an Error, which
// ends the list. Items have no kind: the list says it for all.
Listed list_pages(ApiClient& client, const ListRequest& request,
                  const std::function<Status(const nlohmann::json&)>& item,
                  const std::stop_token& stop);

}  // namespace autoscaler
