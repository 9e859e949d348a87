#include "controller/config/units.h"
#include "controller/import/draft.h"
#include "metrics/quantity.h"

#include <algorithm>
#include <cctype>

namespace autoscaler {
namespace {

// A Kubernetes quantity as the config writes one: as it stands where both read it alike.
std::string quantity_text(const std::string& text) {
  if (parse_quantity(text).ok()) return text;
  const auto milli = parse_milli_quantity(text);
  return milli.ok() ? format_milli_quantity(*milli) : text;
}

// "app=mail,tier in (a,b)"
std::string selector_text(const ObjectPlace& selector) {
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ",") + part; };
  if (selector["matchLabels"].given()) {
    for (const Entry& label : selector["matchLabels"].node().entries) {
      add(label.key + "=" + label.value->text);
    }
  }
  for (const ObjectPlace& each : selector["matchExpressions"].items()) {
    const std::string key = each["key"].text();
    const std::string words = each["operator"].text();
    std::string values;
    for (const ObjectPlace& value : each["values"].items()) {
      values += (values.empty() ? "" : ",") + value.text();
    }
    if (words == "Exists") add(key);
    if (words == "DoesNotExist") add("!" + key);
    if (words == "In") add(key + " in (" + values + ")");
    if (words == "NotIn") add(key + " notin (" + values + ")");
  }
  return text;
}

// "services" of "Service", "ingresses.networking.k8s.io" of "Ingress".
std::string resource_of(const ObjectPlace& object) {
  std::string kind = object["kind"].text();
  std::transform(kind.begin(), kind.end(), kind.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (kind.ends_with("s") || kind.ends_with("x") || kind.ends_with("ch"))
    kind += "es";
  else if (kind.ends_with("y"))
    kind.replace(kind.size() - 1, 1, "ies");
  else
    kind += "s";
  const std::string version = object["apiVersion"].text();
  const size_t slash = version.find('/');
  return slash == std::string::npos ? kind : kind + "." + version.substr(0, slash);
}

void add_named(const ObjectPlace& source, const std::string& keys, WorkloadDraft& draft) {
  const ObjectPlace metric = source["metric"];
  const std::string name = signal_name(metric["name"].text(), draft);
  const std::string selector = selector_text(metric["selector"]);
  const std::string with = selector.empty() ? "" : ", selector: " + yaml_text(selector);
  draft.signals.push_back({name, "source: kubernetes, " + keys + with});
  const ObjectPlace target = source["target"];
  const bool each = target["averageValue"].given();
  draft.policies.push_back("track: {signal: " + name + (each ? ", perInstance: " : ", target: ") +
                           quantity_text(target[each ? "averageValue" : "value"].text()) + "}");
}

}  // namespace

void add_resource(const std::string& resource, const std::string& container, bool of_request,
                  const std::string& target, WorkloadDraft& draft) {
  const std::string name =
      signal_name(container.empty() ? resource : resource + "-" + container, draft);
  std::string keys = "source: kubernetes, resource: " + yaml_text(resource);
  if (!container.empty()) keys += ", container: " + yaml_text(container);
  if (!of_request) keys += ", unit: number";
  draft.signals.push_back({name, keys});
  draft.policies.push_back(
      "track: {signal: " + name +
      (of_request ? ", target: " + target + "%" : ", perInstance: " + quantity_text(target)) + "}");
}

void add_metric(const ObjectPlace& metric, WorkloadDraft& draft) {
  const std::string type = metric["type"].text();
  if (type == "Resource" || type == "ContainerResource") {
    const ObjectPlace source = metric[type == "Resource" ? "resource" : "containerResource"];
    const ObjectPlace target = source["target"];
    const bool of_request = target["averageUtilization"].given();
    add_resource(source["name"].text(), source["container"].text(), of_request,
                 target[of_request ? "averageUtilization" : "averageValue"].text(), draft);
  } else if (type == "Pods") {
    add_named(metric["pods"], "pods: " + yaml_text(metric["pods"]["metric"]["name"].text()), draft);
  } else if (type == "Object") {
    const ObjectPlace source = metric["object"];
    const ObjectPlace described = source["describedObject"];
    add_named(source,
              "object: {resource: " + yaml_text(resource_of(described)) +
                  ", name: " + yaml_text(described["name"].text()) +
                  ", metric: " + yaml_text(source["metric"]["name"].text()) + "}",
              draft);
  } else {
    add_named(metric["external"],
              "external: " + yaml_text(metric["external"]["metric"]["name"].text()), draft);
  }
}

}  // namespace autoscaler
