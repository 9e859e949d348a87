#include "controller/kubernetes/objects.h"

#include "controller/snapshot/kubernetes.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace autoscaler {
namespace {

using nlohmann::json;

const json kNothing;

const json& at(const json& object, const char* key) {
  if (!object.is_object()) return kNothing;
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

std::string text(const json& value) {
  return value.is_string() ? value.get<std::string>() : "";
}

int32_t number(const json& value, int32_t otherwise) {
  if (!value.is_number_integer()) return otherwise;
  const int64_t whole = value.get<int64_t>();
  return whole >= 0 && whole <= INT32_MAX ? static_cast<int32_t>(whole) : otherwise;
}

template <typename Record>
Status read_names(const json& object, Record& record) {
  const json& metadata = at(object, "metadata");
  record.name = text(at(metadata, "name"));
  record.name_space = text(at(metadata, "namespace"));
  if (record.name.empty()) return Error{Code::kInvalid, "an object without metadata.name"};
  return Done{};
}

// {matchLabels, matchExpressions} as one line.
std::string selector_text(const json& selector) {
  std::string line;
  const auto add = [&line](const std::string& term) { line += (line.empty() ? "" : ",") + term; };
  for (const auto& [key, value] : at(selector, "matchLabels").items()) add(key + "=" + text(value));
  for (const json& each : at(selector, "matchExpressions")) {
    const std::string key = text(at(each, "key"));
    const std::string named = text(at(each, "operator"));
    std::string values;
    for (const json& value : at(each, "values"))
      values += (values.empty() ? "" : ",") + text(value);
    if (named == "Exists") add(key);
    if (named == "DoesNotExist") add("!" + key);
    if (named == "In") add(key + " in (" + values + ")");
    if (named == "NotIn") add(key + " notin (" + values + ")");
  }
  return line;
}

template <typename Record>
void read_pauses(const json& object, Record& record) {
  const json& annotations = at(at(object, "metadata"), "annotations");
  record.paused = text(at(annotations, "autoscaler.io/paused"));
  record.paused_until = text(at(annotations, "autoscaler.io/paused-until"));
}

void read_numbers(const json& object, ScaleRecord& record) {
  record.resource_version = resource_version_of(object);
  record.spec_replicas = number(at(at(object, "spec"), "replicas"), 1);
  record.status_replicas = number(at(at(object, "status"), "replicas"), 0);
}

}  // namespace

json member(const json& object, const char* key) {
  return object.is_object() && object.contains(key) ? object[key] : json();
}

std::string resource_version_of(const json& object) {
  return text(at(at(object, "metadata"), "resourceVersion"));
}

Result<PodRecord> read_pod(const json& object) {
  PodRecord pod;
  if (Status named = read_names(object, pod); !named) return named.error();
  const json& metadata = at(object, "metadata");
  Labels labels;
  labels.reserve(at(metadata, "labels").size());
  for (const auto& [key, value] : at(metadata, "labels").items()) {
    labels.emplace_back(key, text(value));  // ordered by key, as json's objects are
  }
  pod.labels = std::move(labels);
  Faults odd;  // reads as absent
  const Place place(&object, "", &odd);
  pod.facts = read_pod_facts(place);
  pod.created = place["metadata"]["creationTimestamp"].instant().value_or(Instant{});
  pod.ip = text(at(at(object, "status"), "podIP"));
  Exposure exposed;
  for (const json& container : at(at(object, "spec"), "containers")) {
    for (const json& port : at(container, "ports")) {
      exposed.ports.emplace_back(text(at(port, "name")), number(at(port, "containerPort"), 0));
    }
  }
  const json& annotations = at(metadata, "annotations");
  exposed.scrape_port = text(at(annotations, "prometheus.io/port"));
  exposed.scrape_path = text(at(annotations, "prometheus.io/path"));
  exposed.scrape_scheme = text(at(annotations, "prometheus.io/scheme"));
  pod.exposed = std::move(exposed);
  pod.goes_first = text(at(annotations, kDeletionCost)) == kGoesFirst;
  return pod;
}

void share(PodRecord& pod, const PodRecord& other) {
  if (pod.name_space == other.name_space) pod.name_space = other.name_space;
  if (*pod.labels == *other.labels) pod.labels = other.labels;
  if (*pod.exposed == *other.exposed) pod.exposed = other.exposed;
  const SharedList<PodFacts::Container>& containers = other.facts->containers;
  if (std::ranges::equal(pod.facts->containers, containers)) {
    pod.facts.edit().containers = containers;
  }
}

Result<ScaleRecord> read_scalable(const json& object) {
  ScaleRecord record;
  if (Status named = read_names(object, record); !named) return named.error();
  read_numbers(object, record);
  read_pauses(object, record);
  record.selector = selector_text(at(at(object, "spec"), "selector"));
  return record;
}

Result<ScaleRecord> read_scale(const json& scale) {
  ScaleRecord record;
  if (Status named = read_names(scale, record); !named) return named.error();
  read_numbers(scale, record);
  record.uid = text(at(at(scale, "metadata"), "uid"));
  // A scale of 0 is written without the number.
  record.spec_replicas = number(at(at(scale, "spec"), "replicas"), 0);
  record.selector = text(at(at(scale, "status"), "selector"));
  return record;
}

Result<MetadataRecord> read_metadata(const json& object) {
  MetadataRecord record;
  if (Status named = read_names(object, record); !named) return named.error();
  record.resource_version = resource_version_of(object);
  read_pauses(object, record);
  return record;
}

Result<RivalRecord> read_rival(const json& object) {
  RivalRecord rival;
  if (Status named = read_names(object, rival); !named) return named.error();
  const json& target = at(at(object, "spec"), "scaleTargetRef");
  // A ScaledObject means a Deployment where it says nothing.
  const std::string version = text(at(target, "apiVersion"));
  const size_t slash = version.find('/');
  rival.target_group =
      version.empty() ? "apps" : version.substr(0, std::min(slash, version.size()));
  if (!version.empty() && slash == std::string::npos) rival.target_group = "";  // the core group
  rival.target_kind = text(at(target, "kind"));
  if (rival.target_kind.empty()) rival.target_kind = "Deployment";
  rival.target_name = text(at(target, "name"));
  for (const json& owner : at(at(object, "metadata"), "ownerReferences")) {
    rival.owner = text(at(owner, "kind")) + "/" + text(at(owner, "name"));
  }
  return rival;
}

}  // namespace autoscaler
