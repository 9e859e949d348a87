#include "controller/kubernetes/resource_names.h"

#include <nlohmann/json.hpp>

namespace autoscaler {

std::string api_root(const std::string& api_version) {
  const bool core = api_version.find('/') == std::string::npos;
  return (core ? "/api/" : "/apis/") + api_version;
}

Result<std::string> ResourceNames::path_of(const std::string& api_version, const std::string& kind,
                                           const std::string& name_space, const std::string& name,
                                           std::chrono::milliseconds deadline) {
  const Result<std::string> plural = plural_of(api_version, kind, deadline);
  if (!plural) return plural;
  return api_root(api_version) + "/namespaces/" + name_space + "/" + *plural + "/" + name;
}

Result<std::string> ResourceNames::plural_of(const std::string& api_version,
                                             const std::string& kind,
                                             std::chrono::milliseconds deadline) {
  if (const auto known = known_plural(api_version, kind)) return *known;
  Result<std::string> discovered = discover(api_version, kind, deadline);
  if (!discovered) return discovered;
  const std::lock_guard lock(mutex_);
  known_[{api_version, kind}] = *discovered;
  return discovered;
}

std::optional<std::string> ResourceNames::known_plural(const std::string& api_version,
                                                       const std::string& kind) const {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find({api_version, kind});
  return found == known_.end() ? std::nullopt : std::optional(found->second);
}

Result<std::string> ResourceNames::discover(const std::string& api_version, const std::string& kind,
                                            std::chrono::milliseconds deadline) {
  const ApiAnswer answer = client_.get(api_root(api_version), {}, deadline);
  if (!answer.ok()) return answer.error->error;
  const auto list = nlohmann::json::parse(answer.body, nullptr, false);
  if (!list.is_object() || !list.contains("resources")) {
    return Error{Code::kInvalid, "GET " + api_root(api_version) + ": no list of resources"};
  }
  std::string plural;
  bool has_scale = false;
  for (const auto& resource : list["resources"]) {
    if (!resource.is_object()) continue;
    const std::string named = resource.value("name", "");
    if (resource.value("kind", "") == kind && named.find('/') == std::string::npos) plural = named;
  }
  for (const auto& resource : list["resources"]) {
    has_scale = has_scale || (resource.is_object() && !plural.empty() &&
                              resource.value("name", "") == plural + "/scale");
  }
  if (has_scale) return plural;
  return Error{Code::kNotFound, kind + " of " + api_version +
                                    (plural.empty() ? " is not known to the API server"
                                                    : " has no scale subresource")};
}

}  // namespace autoscaler
