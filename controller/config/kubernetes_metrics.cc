#include "controller/config/scalars.h"
#include "controller/config/sections.h"
#include "controller/config/signal_queries.h"
#include "policies/inputs.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

using std::chrono::minutes;

constexpr Grammar kResource = {"the name of a resource, such as cpu or memory",
                               "^[a-z0-9]([-a-z0-9./]{0,252}[a-z0-9])?$"};
constexpr Grammar kContainer = {"the name of a container (small letters, digits and -)",
                                "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"};
constexpr Grammar kObjectResource = {
    "the plural name of a resource with its group, such as services or "
    "ingresses.networking.k8s.io",
    "^[a-z]([-a-z0-9.]{0,251}[a-z0-9])?$"};
constexpr Grammar kObject = {"the name of an object (small letters, digits, - and .)",
                             "^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$"};

// metrics.k8s.io has a new sample every 15 to 60 s, each over as much time; what an adapter takes
// from a pipeline may be a minute older.
constexpr Duration kMaxAge = minutes(2);

const KubernetesRead* read_of(const SignalDraft& signal) {
  return std::get_if<KubernetesRead>(&signal.query.how);
}

bool is_of_service(const KubernetesRead& read) {
  return std::holds_alternative<KubernetesRead::Object>(read.what) ||
         std::holds_alternative<KubernetesRead::External>(read.what);
}

// As an entry of an autoscaling/v2 object's `metrics`.
HpaMetricSpec metric_of(const TrackSpec& track, const KubernetesRead& read) {
  using Source = HpaMetricSpec::Source;
  using Target = HpaMetricSpec::Target;
  HpaMetricSpec metric;
  metric.signal = track.signal;
  metric.target = std::llround(track.target * 1000);
  metric.target_kind = Target::kAverageValue;
  if (const auto* resource = std::get_if<KubernetesRead::Resource>(&read.what)) {
    metric.source = resource->container.empty() ? Source::kResource : Source::kContainerResource;
    metric.resource = resource->resource;
    metric.container = resource->container;
    if (!resource->of_request) return metric;
    metric.target_kind = Target::kUtilization;
    metric.target = std::llround(track.target * 100);
    return metric;
  }
  if (std::holds_alternative<KubernetesRead::Pods>(read.what)) {
    metric.source = Source::kPods;
    return metric;
  }
  const bool is_object = std::holds_alternative<KubernetesRead::Object>(read.what);
  metric.source = is_object ? Source::kObject : Source::kExternal;
  if (track.kind != TrackSpec::Target::kPerInstance) metric.target_kind = Target::kValue;
  return metric;
}

// A signal that something else reads too stays a number.
bool is_only_tracked(const WorkloadSpec& spec, size_t signal) {
  if (spec.slo && spec.slo->signal == signal) return false;
  return std::all_of(spec.policies.begin(), spec.policies.end(), [&](const PolicySpec& policy) {
    const SignalIndices read = signals_of(policy.rule);
    return std::holds_alternative<TrackSpec>(policy.rule) ||
           std::find(read.begin(), read.end(), signal) == read.end();
  });
}

}  // namespace

void describe_kubernetes_metrics(WrittenQuery& to, Fields& fields) {
  fields.optional("resource", scalar(to.resource, name(kResource)),
                  "cpu or memory of each pod (metrics.k8s.io)");
  fields.only_with({"resource"}, "ofRequest", scalar(to.of_request, truth()),
                   "as a ratio of what the pod requests; false: in cores or bytes");
  fields.only_with({"resource"}, "container", scalar(to.container, name(kContainer)),
                   "of this container alone");
  fields.optional("pods", scalar(to.pods, path_text("the name of a metric")),
                  "a metric of each pod (custom.metrics.k8s.io)");
  fields.optional("object", mapping([&to](Fields& object) {
                    to.object.emplace();
                    object.required("resource", scalar(to.object->resource, name(kObjectResource)),
                                    "plural name of what it is, with its group");
                    object.required("name", scalar(to.object->name, name(kObject)), "which one");
                    object.required("metric",
                                    scalar(to.object->metric, path_text("the name of a metric")),
                                    "name of the metric");
                  }),
                  "a metric of another object in the namespace (custom.metrics.k8s.io)");
  fields.optional("external", scalar(to.external, path_text("the name of a metric")),
                  "a metric from outside (external.metrics.k8s.io), the sum of its series");
  fields.only_with({"pods", "object", "external"}, "selector",
                   scalar(to.selector, path_text("a label selector such as queue=mail")),
                   "labels of the metric");
}

void build_kubernetes(const Cursor& cursor, const WrittenQuery& written, SignalDraft& to) {
  KubernetesRead read;
  const std::string selector = written.selector.value_or("");
  to.unit = static_cast<Unit>(written.unit.value_or(0));
  if (written.resource) {
    to.unit = written.of_request ? Unit::kRatio : Unit::kNumber;
    read.what = KubernetesRead::Resource{*written.resource, written.container.value_or(""),
                                         written.of_request};
  } else if (written.pods) {
    read.what = KubernetesRead::Pods{*written.pods, selector};
  } else if (written.object) {
    read.what = KubernetesRead::Object{written.object->resource, written.object->name,
                                       written.object->metric, selector};
  } else {
    read.what = KubernetesRead::External{written.external.value_or(""), selector};
  }
  to.exists_without_instances = is_of_service(read);
  to.spec.is_utilization = to.unit == Unit::kRatio;
  if (to.spec.aggregation == Aggregation::kSum) to.response = SignalDraft::Response::kTotal;
  if (!cursor.has("maxAge")) to.spec.max_age = kMaxAge;
  to.query.how = std::move(read);
}

void check_kubernetes_signals(const Cursor& workload, const WorkloadConfig& config,
                              const std::vector<SignalDraft>& signals) {
  if (config.kubernetes() != nullptr) return;
  for (const SignalDraft& signal : signals) {
    if (read_of(signal) == nullptr) continue;
    workload.child("signals")
        .child(signal.spec.name)
        .near("source")
        .problem("source: kubernetes needs a target in Kubernetes, whose namespace is read");
  }
}

void place_kubernetes_signals(const WorkloadConfig& config, std::vector<SignalDraft>& signals) {
  if (config.kubernetes() == nullptr) return;
  for (SignalDraft& signal : signals) {
    auto* read = std::get_if<KubernetesRead>(&signal.query.how);
    if (read != nullptr) read->name_space = config.kubernetes()->name_space;
  }
}

void take_as_hpa_metrics(const Cursor& workload, WorkloadSpec& spec,
                         std::vector<SignalDraft>& signals) {
  for (size_t i = 0; i < spec.policies.size(); ++i) {
    const auto* track = std::get_if<TrackSpec>(&spec.policies[i].rule);
    if (track == nullptr || track->signal >= signals.size()) continue;
    SignalDraft& signal = signals[track->signal];
    const KubernetesRead* read = read_of(signal);
    if (read == nullptr || !signal.sound || !is_only_tracked(spec, track->signal)) continue;
    const Cursor place = workload.child("policies").item(i).child("track");
    if (place.has("tolerance")) {
      place.problem_at_key("tolerance",
                           "has no meaning under compatibility: hpa for a metric of Kubernetes: "
                           "write it into behavior, as the HPA has it");
    }
    spec.policies[i].rule = metric_of(*track, *read);
    signal.spec.kind = SignalSpec::Kind::kQuantity;
    std::get<KubernetesRead>(signal.query.how).exact = true;
  }
}

}  // namespace autoscaler
