#include "controller/config/node_json.h"
#include "controller/import/draft.h"
#include "controller/snapshot/hpa_object.h"

#include <nlohmann/json.hpp>

namespace autoscaler {
namespace {

// Of objects of autoscaling/v1, by which they carry what that version has no fields for.
constexpr const char* kV1Annotations[] = {"autoscaling.alpha.kubernetes.io/metrics",
                                          "autoscaling.alpha.kubernetes.io/behavior"};
constexpr int64_t kDefaultUtilization = 80;  // of an HPA without metrics

// The same rules as the API server's.
bool sound(const ObjectPlace& object) {
  const auto document = parse_json(node_json(object.node()));
  if (!document) {
    object.remark(document.error().message);
    return false;
  }
  Faults faults;
  read_hpa(Place(document->get(), "", &faults), HpaFlags{});
  if (!faults.empty()) object.remark(faults.error().message);
  return faults.empty();
}

void read_version_1(const ObjectPlace& object, WorkloadDraft& draft) {
  for (const char* annotation : kV1Annotations) {
    const ObjectPlace place = object["metadata"]["annotations"][annotation];
    if (place.given()) {
      place.remark(std::string("the annotation ") + annotation +
                   " is not read: export it as autoscaling/v2 (kubectl get "
                   "hpa.v2.autoscaling -o yaml)");
    }
  }
  const auto percent = object["spec"]["targetCPUUtilizationPercentage"].integer();
  add_resource("cpu", "", true, std::to_string(percent.value_or(kDefaultUtilization)), draft);
}

}  // namespace

std::optional<WorkloadDraft> draft_hpa(const ObjectPlace& object) {
  const std::string version = object["apiVersion"].text();
  const bool first = version == "autoscaling/v1";
  if (!first && version != "autoscaling/v2") {
    object["apiVersion"].remark("found '" + version +
                                "': left out; export it as autoscaling/v2 (kubectl get "
                                "hpa.v2.autoscaling -o yaml)");
    return std::nullopt;
  }
  if (!first && !sound(object)) return std::nullopt;
  WorkloadDraft draft;
  read_target(object, draft);
  const ObjectPlace spec = object["spec"];
  const auto max = spec["maxReplicas"].integer();
  if (!max || draft.target.empty()) {
    object.remark("has no spec.maxReplicas or no spec.scaleTargetRef.name: left out");
    return std::nullopt;
  }
  draft.min = spec["minReplicas"].integer().value_or(1);
  draft.max = *max;
  if (first) {
    read_version_1(object, draft);
  } else {
    for (const ObjectPlace& metric : spec["metrics"].items()) add_metric(metric, draft);
    if (draft.signals.empty()) {
      add_resource("cpu", "", true, std::to_string(kDefaultUtilization), draft);
    }
    draft.behavior = behavior_text(spec["behavior"]);
  }
  return draft;
}

}  // namespace autoscaler
