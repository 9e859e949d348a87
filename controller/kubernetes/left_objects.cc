#include "controller/kubernetes/left_objects.h"

#include "base/fan_out.h"
#include "controller/kubernetes/list_stream.h"
#include "controller/kubernetes/objects.h"
#include "controller/kubernetes/status_writer.h"

#include <set>
#include <vector>

namespace autoscaler {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr size_t kFewObjects = 16;
constexpr const char* kPolicies = "/apis/autoscaler.io/v1alpha1";

std::optional<ApiError> list_objects(ApiClient& client, const std::string& path,
                                     milliseconds deadline, LeftObjects& into) {
  ListStream items([&](std::string_view text) -> Status {
    const json object = json::parse(text, nullptr, false);
    const json metadata = member(object, "metadata");
    const json space = member(metadata, "namespace");
    const json name = member(metadata, "name");
    if (space.is_string() && name.is_string()) {
      into[{space.get<std::string>(), name.get<std::string>()}] = {resource_version_of(object),
                                                                   member(object, "status")};
    }
    return Done{};
  });
  Status fed = Done{};
  const auto sink = [&](std::string_view bytes) {
    fed = items.feed(bytes);
    return fed.ok();
  };
  if (auto error = client.stream(path, deadline, sink, {})) return error;
  if (fed) fed = items.end();
  if (!fed) return ApiError{ApiReason::kServer, fed.error()};
  return std::nullopt;
}

}  // namespace

std::optional<ApiError> read_left_objects(ApiClient& client,
                                          std::span<const PolicyObject* const> objects,
                                          milliseconds deadline, bool from_memory,
                                          LeftObjects& into) {
  const std::string query = from_memory ? "?resourceVersion=0" : "";
  if (objects.size() > kFewObjects) {
    std::set<std::string> spaces;
    for (const PolicyObject* object : objects) spaces.insert(object->name_space);
    const std::string where = spaces.size() == 1 ? "/namespaces/" + *spaces.begin() : "";
    return list_objects(client, kPolicies + where + "/scalingpolicies" + query, deadline, into);
  }
  std::vector<ApiAnswer> answers(objects.size());
  fan_out(objects.size(), [&](size_t i) {
    answers[i] = client.get(policy_path(*objects[i]) + query, {}, deadline);
  });
  std::optional<ApiError> refused;
  for (size_t i = 0; i < objects.size(); ++i) {
    const auto& error = answers[i].error;
    if (error && error->reason == ApiReason::kNotFound) continue;
    if (error && error->reason == ApiReason::kForbidden) {
      refused = error;
      continue;
    }
    if (error) return error;
    const json found = json::parse(answers[i].body, nullptr, false);
    if (!found.is_object()) continue;
    into[{objects[i]->name_space, objects[i]->name}] = {resource_version_of(found),
                                                        member(found, "status")};
  }
  return refused;
}

}  // namespace autoscaler
