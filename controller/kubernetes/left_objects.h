#pragma once

#include "controller/config/config.h"
#include "controller/kubernetes/api_client.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace autoscaler {

// What stands in a ScalingPolicy.
struct LeftObject {
  std::string version;
  nlohmann::json status;
};
using LeftObjects = std::map<std::pair<std::string, std::string>, LeftObject>;

// Of those objects that are there, by namespace and name; all of it within `deadline`. Up to 16 are
// read each for itself, at the same time, and more of them as one list: 5,000 objects of 4 KB are
// 20 MB. `from_memory`: what the server remembers of them, which is there sooner and may be older.
// kForbidden: of some of them; the others are there all the same.
std::optional<ApiError> read_left_objects(ApiClient& client,
                                          std::span<const PolicyObject* const> objects,
                                          std::chrono::milliseconds deadline, bool from_memory,
                                          LeftObjects& into);

}  // namespace autoscaler
