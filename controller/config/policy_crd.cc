#include "controller/config/policy_crd.h"

#include "controller/config/policy_document.h"
#include "controller/config/sections.h"
#include "controller/config/structural.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>

namespace autoscaler {
namespace {

using nlohmann::ordered_json;

ordered_json spec_schema() {
  WorkloadConfig workload;
  const PolicyReading policy{"default", "policy"};
  ReadContext context;
  context.policy = &policy;
  ordered_json spec = structural(ordered_json::parse(workload_section(workload, context).schema()));
  spec["description"] = "What to size, and how: a workload of the config.";
  add_rule(spec["properties"]["target"],
           "self.name == oldSelf.name && (has(self.kind) ? self.kind : 'Deployment') == "
           "(has(oldSelf.kind) ? oldSelf.kind : 'Deployment')",
           "the target of a ScalingPolicy cannot change, since what was learned is about it: make "
           "another ScalingPolicy");
  add_rule(spec["properties"]["replicas"], "!has(self.min) || self.min <= self.max",
           "min is at most max");
  add_rule(
      spec,
      "has(self.policies) && self.policies.size() > 0 || has(self.slo) && "
      "has(self.slo.budget) || has(self.replicas.min) && self.replicas.min == "
      "self.replicas.max",
      "no policy, so that nothing would ever change the size: add one, a budget to the slo, or "
      "make replicas.min and replicas.max equal");
  add_rule(spec,
           "!has(self.policies) || self.policies.all(p, !has(p.track) || has(self.signals) && "
           "p.track.signal in self.signals)",
           "a track policy names a signal that is not among the signals");
  return spec;
}

ordered_json typed(const char* type, const char* help) {
  return {{"description", help}, {"type", type}};
}

ordered_json condition_schema() {
  return {
      {"type", "object"},
      {"required", {"type", "status", "reason", "lastTransitionTime"}},
      {"properties",
       {{"type", typed("string", "Accepted, AbleToScale, ScalingActive, ScalingLimited, Paused")},
        {"status", {{"type", "string"}, {"enum", {"True", "False", "Unknown"}}}},
        {"reason", typed("string", "one word for it")},
        {"message", typed("string", "what was found, and the remedy")},
        {"observedGeneration", typed("integer", "of the spec that it is about")},
        {"lastTransitionTime",
         {{"description", "when the status last changed"},
          {"type", "string"},
          {"format", "date-time"}}}}}};
}

ordered_json status_schema() {
  ordered_json conditions = {{"description", "as a HorizontalPodAutoscaler's, and Accepted"},
                             {"type", "array"},
                             {"x-kubernetes-list-type", "map"},
                             {"x-kubernetes-list-map-keys", {"type"}},
                             {"items", condition_schema()}};
  const auto open = [](const char* help) {
    ordered_json schema = typed("object", help);
    schema["x-kubernetes-preserve-unknown-fields"] = true;
    return schema;
  };
  ordered_json scaled = typed("string", "when the size was last changed");
  scaled["format"] = "date-time";
  return {
      {"description", "written by the controller that leads"},
      {"type", "object"},
      {"x-kubernetes-preserve-unknown-fields", true},
      {"properties",
       {{"observedGeneration", typed("integer", "metadata.generation of the spec that was read")},
        {"currentReplicas", typed("integer", "pods of the target")},
        {"desiredReplicas", typed("integer", "size that was decided")},
        {"lastScaleTime", scaled},
        {"lastDecision", open("the last decision, what each policy wanted, and why")},
        {"handOver", open("what the next leader must know")},
        {"conditions", conditions}}}};
}

ordered_json columns() {
  const auto column = [](const char* name, const char* type, const char* path, int priority = 0) {
    ordered_json made = {{"name", name}, {"type", type}, {"jsonPath", path}};
    if (priority != 0) made["priority"] = priority;
    return made;
  };
  const auto condition = [](const char* type) {
    return ".status.conditions[?(@.type==\"" + std::string(type) + "\")].status";
  };
  return {column("Target", "string", ".spec.target.name"),
          column("Current", "integer", ".status.currentReplicas"),
          column("Desired", "integer", ".status.desiredReplicas"),
          column("Min", "integer", ".spec.replicas.min"),
          column("Max", "integer", ".spec.replicas.max"),
          column("Accepted", "string", condition("Accepted").c_str()),
          column("Active", "string", condition("ScalingActive").c_str()),
          column("Reason", "string", ".status.lastDecision.reason"),
          column("Message", "string", ".status.lastDecision.message", 1),
          column("Age", "date", ".metadata.creationTimestamp")};
}

ordered_json crd() {
  ordered_json version = {
      {"name", kPolicyVersion},
      {"served", true},
      {"storage", true},
      {"subresources", {{"status", ordered_json::object()}}},
      {"additionalPrinterColumns", columns()},
      {"schema",
       {{"openAPIV3Schema",
         {{"description",
           "Sizes one Deployment, or anything else with a scale subresource, in its "
           "own namespace."},
          {"type", "object"},
          {"required", {"spec"}},
          {"properties",
           {{"apiVersion", {{"type", "string"}}},
            {"kind", {{"type", "string"}}},
            {"metadata", {{"type", "object"}}},
            {"spec", spec_schema()},
            {"status", status_schema()}}}}}}}};
  return {{"apiVersion", "apiextensions.k8s.io/v1"},
          {"kind", "CustomResourceDefinition"},
          {"metadata", {{"name", std::string(kPolicyPlural) + "." + kPolicyGroup}}},
          {"spec",
           {{"group", kPolicyGroup},
            {"scope", "Namespaced"},
            {"names",
             {{"kind", kPolicyKind},
              {"listKind", std::string(kPolicyKind) + "List"},
              {"plural", kPolicyPlural},
              {"singular", "scalingpolicy"},
              {"shortNames", {"spol"}}}},
            {"versions", ordered_json::array({version})}}}};
}

// What no parser of YAML takes for anything but this text.
bool is_plain(const std::string& text) {
  const auto ordinary = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-';
  };
  static const std::string kWords[] = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  return text.size() > 1 && std::isalpha(static_cast<unsigned char>(text[0])) != 0 &&
         std::ranges::all_of(text, ordinary) &&
         std::ranges::none_of(kWords, [&](const std::string& word) {
           return std::ranges::equal(text, word, {},
                                     [](unsigned char c) { return std::tolower(c); });
         });
}

std::string scalar_text(const ordered_json& value) {
  const bool plain = value.is_string() && is_plain(value.get<std::string>());
  return plain ? value.get<std::string>() : value.dump();
}

// Blocks; what is empty is {} or [].
void write_yaml(const ordered_json& value, const std::string& indent, std::string& to) {
  bool is_first = true;
  const auto begin = [&] {
    if (!is_first) to += indent;
    is_first = false;
  };
  for (const auto& [key, item] : value.items()) {
    begin();
    const bool is_block = item.is_structured() && !item.empty();
    if (value.is_array()) {
      to += "- ";
      if (is_block)
        write_yaml(item, indent + "  ", to);
      else
        to += scalar_text(item) + "\n";
      continue;
    }
    to += (is_plain(key) ? key : ordered_json(key).dump()) + ":";
    if (!is_block) {
      to += " " + scalar_text(item) + "\n";
      continue;
    }
    const std::string deeper = indent + "  ";
    to += "\n" + deeper;
    write_yaml(item, deeper, to);
  }
}

}  // namespace

std::string policy_crd() {
  std::string text;
  write_yaml(crd(), "", text);
  return text;
}

}  // namespace autoscaler
