#include "controller/config/structural.h"

#include "controller/config/nearest.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace autoscaler {
namespace {

using nlohmann::ordered_json;

constexpr int kMostEntries = 100;
constexpr const char* kRules = "x-kubernetes-validations";
constexpr const char* kUntyped = "x-kubernetes-preserve-unknown-fields";
constexpr const char* kIntOrString = "x-kubernetes-int-or-string";

bool has_type(const ordered_json& schema, const char* type) {
  const auto found = schema.find("type");
  return found != schema.end() && *found == type;
}

// Words of CEL are written in another way where they are names.
std::string cel_name(const std::string& key) {
  for (const char* word :
       {"as",       "break",   "const",  "continue", "else", "false", "for",
        "function", "if",      "import", "in",       "let",  "loop",  "namespace",
        "null",     "package", "return", "true",     "var",  "void",  "while"}) {
    if (key == word) return "__" + key + "__";
  }
  return key;
}

std::string has(const std::string& key) {
  return "has(self." + cel_name(key) + ")";
}

std::string joined(const std::vector<std::string>& keys, const char* between) {
  std::string text;
  for (const std::string& key : keys) text += (text.empty() ? "" : between) + has(key);
  return text;
}

// The keys of [{"required": ["a"]}, ...] that are among the properties.
std::vector<std::string> keys_of(const ordered_json& alternatives, const ordered_json& properties) {
  std::vector<std::string> keys;
  for (const ordered_json& each : alternatives) {
    const std::string key = each.at("required").at(0);
    if (properties.contains(key)) keys.push_back(key);
  }
  return keys;
}

void add(ordered_json& to, const std::string& rule, const std::string& message) {
  to[kRules].push_back({{"rule", rule}, {"message", message}});
}

void take_rules(const ordered_json& from, ordered_json& to) {
  const ordered_json& properties = from.at("properties");
  for (const ordered_json& group : from.value("allOf", ordered_json::array())) {
    const bool exclusive = group.contains("oneOf");
    const auto keys = keys_of(group.at(exclusive ? "oneOf" : "anyOf"), properties);
    if (exclusive)
      add(to, "[" + joined(keys, ", ") + "].exists_one(given, given)",
          "give exactly one of " + one_of_these(keys));
    else
      add(to, joined(keys, " || "), "give at least one of " + one_of_these(keys));
  }
  const ordered_json dependencies = from.value("dependencies", ordered_json::object());
  for (const auto& [key, alternatives] : dependencies.items()) {
    const auto keys = keys_of(alternatives.at("anyOf"), properties);
    add(to, "!" + has(key) + " || " + joined(keys, " || "),
        key + " has no meaning here: it goes with " + one_of_these(keys));
  }
}

void take_mapping(const ordered_json& from, ordered_json& to) {
  to["type"] = "object";
  const auto properties = from.find("properties");
  if (properties == from.end()) {
    to["maxProperties"] = kMostEntries;
    to["additionalProperties"] = structural(from.at("additionalProperties"));
    return;
  }
  if (from.contains("required")) to["required"] = from["required"];
  take_rules(from, to);
  to["properties"] = ordered_json::object();
  for (const auto& [key, value] : properties->items()) to["properties"][key] = structural(value);
}

void take_list(const ordered_json& from, ordered_json& to) {
  to["type"] = "array";
  to["minItems"] = from.at("minItems");
  to["maxItems"] = kMostEntries;
  to["items"] = structural(from.at("items"));
}

void take_range(const ordered_json& from, ordered_json& to) {
  for (const char* key : {"pattern", "minimum", "maximum", "minLength"}) {
    if (from.contains(key)) to[key] = from[key];
  }
  if (!from.contains("exclusiveMinimum")) return;
  to["minimum"] = from["exclusiveMinimum"];
  to["exclusiveMinimum"] = true;
}

void take_scalar(const ordered_json& from, ordered_json& to) {
  const ordered_json type = from.value("type", ordered_json("string"));
  if (from.contains("enum") || from.contains("const")) {
    to["type"] = "string";
    to["enum"] = from.contains("enum") ? from["enum"] : ordered_json::array({from["const"]});
    return;
  }
  const bool is_text = type.is_array() && std::ranges::find(type, "boolean") != type.end();
  if (type.is_array() && !is_text)
    to[kIntOrString] = true;
  else
    to["type"] = is_text ? ordered_json("string") : type;
  take_range(from, to);
}

// No rules beneath what has no type: the server compiles none there.
void drop_rules(ordered_json& schema) {
  if (schema.is_object()) schema.erase(kRules);
  if (!schema.is_structured()) return;
  for (ordered_json& part : schema) drop_rules(part);
}

// A word or number, or another of them, or a mapping in its place.
void take_either(const ordered_json& single, const ordered_json& other, ordered_json& to) {
  const ordered_json word = structural(single), rest = structural(other);
  if (!has_type(rest, "object")) {
    if (has_type(rest, "string"))
      to["type"] = "string";
    else
      to[kIntOrString] = true;
    return;
  }
  to[kUntyped] = true;
  std::vector<std::string> keys;
  for (const auto& [key, value] : rest["properties"].items()) keys.push_back(key);
  const std::string words = word.contains("enum")
                                ? one_of_these(word["enum"].get<std::vector<std::string>>())
                                : "a value";
  to["description"] = to.value("description", "") + ". Either " + words + ", or a mapping with " +
                      one_of_these(keys);
  if (rest.contains("required")) to["required"] = rest["required"];
  to["properties"] = rest["properties"];
  drop_rules(to["properties"]);
}

}  // namespace

ordered_json structural(const ordered_json& schema) {
  ordered_json to = ordered_json::object();
  if (schema.contains("description")) to["description"] = schema["description"];
  if (schema.contains("default")) {
    const ordered_json& initial = schema["default"];
    to["description"] = to.value("description", "") + ". Default: " +
                        (initial.is_string() ? initial.get<std::string>() : initial.dump());
  }
  if (schema.contains("anyOf"))
    take_either(schema["anyOf"].at(0), schema["anyOf"].at(1), to);
  else if (has_type(schema, "object"))
    take_mapping(schema, to);
  else if (has_type(schema, "array"))
    take_list(schema, to);
  else
    take_scalar(schema, to);
  return to;
}

void add_rule(ordered_json& schema, const char* rule, const char* message) {
  add(schema, rule, message);
}

}  // namespace autoscaler
