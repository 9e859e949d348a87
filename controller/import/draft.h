#pragma once

#include "controller/import/object.h"

#include <optional>
#include <string>
#include <vector>

namespace autoscaler {

// A workload on its way into the config; texts are YAML as it will stand there.
struct WorkloadDraft {
  struct Signal {
    std::string name;
    std::string keys;                         // "source: kubernetes, resource: cpu"
    std::optional<std::string> prometheus{};  // the server's URL, where it is one of Prometheus
  };
  std::string origin;  // "HorizontalPodAutoscaler shop/checkout"
  std::string name;
  std::string name_space;
  std::string api_version;
  std::string kind;
  std::string target;  // its name
  int64_t min = 1;
  int64_t max = 1;
  std::vector<Signal> signals;
  std::vector<std::string> policies;
  std::string behavior;  // empty: none was given
  bool hpa = true;       // decided as the HorizontalPodAutoscaler decides
  bool paused = false;
};

// Text that YAML and our config read back as it is.
std::string yaml_text(const std::string& text);

// A name for a signal: like `wanted`, with other characters as -, and not yet taken.
std::string signal_name(const std::string& wanted, const WorkloadDraft& draft);

// `behavior` of autoscaling/v2 as it stands.
std::string behavior_text(const ObjectPlace& behavior);

// A HorizontalPodAutoscaler or a ScaledObject. Absent where it cannot be a workload; the remarks
// then say why.
std::optional<WorkloadDraft> draft_hpa(const ObjectPlace& object);
std::optional<WorkloadDraft> draft_scaled_object(const ObjectPlace& object);

// What scaleTargetRef and metadata say.
void read_target(const ObjectPlace& object, WorkloadDraft& draft);

// One entry of autoscaling/v2 `metrics` as a signal and a policy. A metric that has no counterpart
// is remarked on and left out.
void add_metric(const ObjectPlace& metric, WorkloadDraft& draft);
// Of metrics.k8s.io: `of_request` takes `target` as percent, otherwise it is a quantity.
void add_resource(const std::string& resource, const std::string& container, bool of_request,
                  const std::string& target, WorkloadDraft& draft);

// One trigger of a ScaledObject, `index` from 1.
void add_trigger(const ObjectPlace& trigger, size_t index, WorkloadDraft& draft);

// The whole config. Workloads whose names clash are named by their namespaces too, and those that
// still do by a number, which is remarked on.
std::string config_text(std::vector<WorkloadDraft> drafts, std::vector<std::string>& remarks);
// A ScalingPolicy for each, called as its object is; where two of a namespace are, one has a
// number. Servers that a controller's config must name for them are remarked on.
std::string policies_text(std::vector<WorkloadDraft> drafts, std::vector<std::string>& remarks);

}  // namespace autoscaler
