#include "controller/kubernetes/autoscalers.h"

#include "controller/kubernetes/list_pages.h"
#include "controller/kubernetes/resource_names.h"

#include <nlohmann/json.hpp>

namespace autoscaler {
namespace {

using nlohmann::json;

struct Kind {
  const char* api_version;
  const char* plural;
  const char* name;
  bool is_optional;
};
constexpr Kind kKinds[] = {
    {"autoscaling/v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", false},
    {"keda.sh/v1alpha1", "scaledobjects", "ScaledObject", true},
};

// Who may not list a kind that nobody serves would be told that it is forbidden.
bool is_absent(ApiClient& client, const Kind& kind) {
  const ApiAnswer answer = client.get(api_root(kind.api_version));
  return !answer.ok() && answer.error->reason == ApiReason::kNotFound;
}

}  // namespace

Result<std::string> list_autoscalers(ApiClient& client, const std::string& name_space) {
  json items = json::array();
  for (const Kind& kind : kKinds) {
    if (kind.is_optional && is_absent(client, kind)) continue;
    const std::string where = name_space.empty() ? "" : "/namespaces/" + name_space;
    const auto keep = [&](const json& object) -> Status {
      json& item = items.emplace_back(object);
      item["apiVersion"] = kind.api_version;
      item["kind"] = kind.name;
      return Done{};
    };
    const ListRequest request{.path = api_root(kind.api_version) + where + "/" + kind.plural};
    const Listed listed = list_pages(client, request, keep, {});
    if (listed.error) return listed.error->error;
  }
  return json{{"apiVersion", "v1"}, {"kind", "List"}, {"items", std::move(items)}}.dump();
}

}  // namespace autoscaler
