#include "controller/config/policy_document.h"

#include "controller/config/policy_manifest.h"
#include "controller/config/yaml.h"

#include <nlohmann/json.hpp>

namespace autoscaler {
namespace {

using nlohmann::json;

constexpr size_t kMostNodes = 2'000;

std::string text_in(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// nullptr: too large or too deep.
NodePtr node_of(const json& value, int depth, size_t& nodes) {
  if (depth > kMaxConfigDepth || ++nodes > kMostNodes) return nullptr;
  auto node = std::make_shared<Node>();
  if (value.is_object()) {
    node->kind = Node::Kind::kMapping;
    for (const auto& [key, item] : value.items()) {
      NodePtr made = node_of(item, depth + 1, nodes);
      if (made == nullptr) return nullptr;
      node->entries.push_back(Entry{key, {}, std::move(made)});
    }
  } else if (value.is_array()) {
    node->kind = Node::Kind::kList;
    for (const json& item : value) {
      node->items.push_back(node_of(item, depth + 1, nodes));
      if (node->items.back() == nullptr) return nullptr;
    }
  } else if (!value.is_null()) {
    node->kind = Node::Kind::kScalar;
    node->quoted = value.is_string();
    node->text = node->quoted ? value.get<std::string>() : value.dump();
  }
  return node;
}

bool shows_secret(const IdentitySettings& identity) {
  return !std::holds_alternative<std::monostate>(identity.auth);
}

std::string scalar_at(const Node& mapping, const char* key) {
  const Entry* found = mapping.find(key);
  const bool there = found != nullptr && found->value->kind == Node::Kind::kScalar;
  return there ? found->value->text : "";
}

ReadContext context_of(const Config& file, const PolicyReading& policy) {
  ReadContext context{file.controller.interval, file.scrape.interval};
  context.prometheus = file.prometheus;
  context.policy = &policy;
  return context;
}

PolicyReading reading_of(const PolicyObject& object, const Config& file) {
  return {object.name_space, object.name, shows_secret(file.scrape.identity),
          shows_secret(file.json)};
}

}  // namespace

Result<PolicyDocument> read_policy_document(const json& object) {
  const auto metadata = object.is_object() ? object.find("metadata") : object.end();
  if (!object.is_object() || metadata == object.end() || !metadata->is_object()) {
    return Error{Code::kInvalid, "it is no object of Kubernetes"};
  }
  PolicyDocument document;
  document.object.name_space = text_in(*metadata, "namespace");
  document.object.name = text_in(*metadata, "name");
  document.object.uid = text_in(*metadata, "uid");
  document.created = text_in(*metadata, "creationTimestamp");
  const auto generation = metadata->find("generation");
  if (generation != metadata->end() && generation->is_number_integer()) {
    document.object.generation = generation->get<int64_t>();
  }
  if (document.object.name.empty() || document.object.name_space.empty()) {
    return Error{Code::kInvalid, "it has no metadata.name or no metadata.namespace"};
  }
  const auto spec = object.find("spec");
  size_t nodes = 0;
  if (spec == object.end() || !spec->is_object()) {
    document.problem = "missing, and it is required: what to size, and how";
  } else {
    document.spec = node_of(*spec, 0, nodes);
    if (document.spec == nullptr) {
      document.problem = "too large or too deep to be meant: at most " +
                         std::to_string(kMostNodes) + " values, " +
                         std::to_string(kMaxConfigDepth) + " levels";
    }
  }
  return document;
}

std::string workload_of(const PolicyObject& object) {
  return object.name_space + "/" + object.name;
}

WorkloadResult parse_policy(const PolicyDocument& document, const Config& file) {
  Problems problems("ScalingPolicy " + workload_of(document.object));
  WorkloadConfig workload;
  if (document.spec == nullptr) {
    problems.add({}, "spec", document.problem);
  } else {
    const PolicyReading policy = reading_of(document.object, file);
    workload_section(workload, context_of(file, policy))
        .read(Cursor(document.spec, "spec", {}, problems));
  }
  WorkloadResult result;
  if (problems.empty()) {
    workload.object = document.object;
    result.workload = std::move(workload);
  }
  result.problems = problems.take();
  return result;
}

bool is_policy_manifest(const Node& document) {
  return document.kind == Node::Kind::kMapping && scalar_at(document, "kind") == kPolicyKind;
}

void read_policy_manifest(const Cursor& document, const Config& beside, PlacedWorkload& to) {
  const std::string version = std::string(kPolicyGroup) + "/" + kPolicyVersion;
  if (scalar_at(document.node(), "apiVersion") != version) {
    document.near("apiVersion").problem("a ScalingPolicy has the apiVersion " + version);
  }
  PolicyObject object;
  if (const Entry* metadata = document.node().find("metadata")) {
    object.name = scalar_at(*metadata->value, "name");
    object.name_space = scalar_at(*metadata->value, "namespace");
  }
  if (object.name.empty())
    document.near("metadata").problem("missing: write metadata: {name: ...}");
  if (object.name_space.empty()) object.name_space = "default";
  if (!document.has("spec"))
    return document.problem_under("spec", "missing: what to size, and how");
  to.place = document.child("spec");
  const PolicyReading policy = reading_of(object, beside);
  ReadContext context = context_of(beside, policy);
  context.any_server = beside.prometheus.empty();
  workload_section(to.workload, context).read(to.place);
  to.workload.object = object;
}

NodePtr policy_tree(const PolicyDocument& document) {
  auto name = std::make_shared<Node>();
  name->kind = Node::Kind::kScalar;
  name->text = workload_of(document.object);
  auto tree = std::make_shared<Node>(*document.spec);
  tree->entries.insert(tree->entries.begin(), Entry{"name", {}, std::move(name)});
  return tree;
}

}  // namespace autoscaler
