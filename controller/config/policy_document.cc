#include "controller/config/policy_document.h"

#include "controller/config/sections.h"
#include "controller/config/yaml.h"

#include <nlohmann/json.hpp>

namespace autoscaler {
namespace {

using nlohmann::json;

constexpr size_t kMostNodes = 10'000;

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
    const PolicyReading policy{document.object.name_space, document.object.name,
                               shows_secret(file.scrape.identity), shows_secret(file.json)};
    ReadContext context{file.controller.interval, file.scrape.interval};
    context.prometheus = file.prometheus;
    context.policy = &policy;
    workload_section(workload, context).read(Cursor(document.spec, "spec", {}, problems));
  }
  WorkloadResult result;
  if (problems.empty()) {
    workload.object = document.object;
    result.workload = std::move(workload);
  }
  result.problems = problems.take();
  return result;
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
