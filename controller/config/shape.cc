#include "controller/config/shape.h"

#include "controller/config/nearest.h"

#include <nlohmann/json.hpp>
#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <memory>

namespace autoscaler {
namespace {

constexpr size_t kMostUnknownKeys = 20;  // of one mapping; more of them help nobody
constexpr size_t kLongestName = 253;

std::string a_or_an(const std::vector<std::string>& keys) {
  return keys.empty() ? "a mapping" : "a mapping with " + one_of_these(keys);
}

// `{"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}`
std::string present(const std::vector<std::string>& keys, const char* how) {
  std::string text = "{\"" + std::string(how) + "\":[";
  for (const std::string& key : keys) {
    text += (text.back() == '[' ? "" : ",");
    text += "{\"required\":[" + json_text(key) + "]}";
  }
  return text + "]}";
}

}  // namespace

std::string json_text(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string json_list(std::span<const std::string> texts) {
  std::string list = "[";
  for (const std::string& text : texts) list += (list.size() > 1 ? "," : "") + json_text(text);
  return list + "]";
}

void Fields::required(std::string key, Shape shape, const char* help) {
  fields_.push_back(Field{std::move(key), std::move(shape), true, help, {}});
}

void Fields::optional(std::string key, Shape shape, const char* help) {
  fields_.push_back(Field{std::move(key), std::move(shape), false, help, {}});
}

void Fields::only_with(std::vector<std::string> with, std::string key, Shape shape,
                       const char* help) {
  fields_.push_back(Field{std::move(key), std::move(shape), false, help, std::move(with)});
}

void Fields::refused(std::string key, const char* why) {
  refusals_.push_back(Refusal{std::move(key), why});
}

void Fields::exactly_one(std::vector<std::string> keys) {
  groups_.push_back(Group{std::move(keys), true});
}

void Fields::at_least_one(std::vector<std::string> keys) {
  groups_.push_back(Group{std::move(keys), false});
}

void Fields::check(std::function<void(const Cursor&)> check) {
  checks_.push_back(Check{std::move(check), false});
}

void Fields::check_sound(std::function<void(const Cursor&)> check) {
  checks_.push_back(Check{std::move(check), true});
}

std::vector<std::string> Fields::keys() const {
  std::vector<std::string> keys;
  for (const Field& field : fields_) keys.push_back(field.key);
  return keys;
}

std::vector<std::string> Fields::check_unknown(const Cursor& cursor) const {
  const std::vector<std::string> known = keys();
  std::vector<std::string> meant;
  for (const Entry& entry : cursor.node().entries) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    const auto refusal = std::ranges::find(refusals_, entry.key, &Refusal::key);
    if (refusal != refusals_.end()) {
      cursor.problem_at_key(entry.key, std::string("has no place here: ") + refusal->why);
      meant.push_back(entry.key);  // so that nobody asks for another in its stead
      continue;
    }
    if (meant.size() == kMostUnknownKeys) break;
    meant.push_back(nearest(entry.key, known));
    const std::string near = did_you_mean(entry.key, known);
    cursor.problem_at_key(entry.key, "unknown key" + (near.empty() ? "." : "; " + near) +
                                         " Allowed: " + one_of_these(known));
  }
  return meant;
}

void Fields::check_group(const Group& group, bool may_be_misspelt, const Cursor& cursor) const {
  const std::string* first = nullptr;
  for (const std::string& key : group.keys) {
    if (!cursor.has(key)) continue;
    if (first != nullptr && group.exclusive) {
      cursor.problem_at_key(key, "excluded by '" + *first + "' beside it: give exactly one of " +
                                     one_of_these(group.keys));
    }
    first = &key;
  }
  if (first == nullptr && !may_be_misspelt) {
    cursor.problem(
        std::string(group.exclusive ? "needs exactly one of " : "needs at least one of ") +
        one_of_these(group.keys));
  }
}

void Fields::read_field(const Field& field, bool misspelt, const Cursor& cursor) const {
  if (!cursor.has(field.key)) {
    if (field.required && !misspelt) {
      cursor.problem_under(field.key, std::string("missing, and it is required: ") + field.help);
    }
    return;
  }
  const bool fits =
      field.with.empty() || std::any_of(field.with.begin(), field.with.end(),
                                        [&](const std::string& key) { return cursor.has(key); });
  if (!fits) {
    cursor.problem_at_key(field.key,
                          "has no meaning here: it goes with " + one_of_these(field.with));
    return;
  }
  const Cursor value = cursor.child(field.key);
  if (value.node().kind == Node::Kind::kNull) {
    value.problem("found nothing after the key: give it a value, or remove it");
    return;
  }
  field.shape.read(value);
}

void Fields::read(const Cursor& cursor) const {
  if (cursor.node().kind != Node::Kind::kMapping) {
    cursor.problem("found " + describe_node(cursor.node()) + ", expected " + a_or_an(keys()));
    return;
  }
  const size_t problems_before = cursor.problems_so_far();
  const std::vector<std::string> meant = check_unknown(cursor);
  for (const Group& group : groups_) check_group(group, !meant.empty(), cursor);
  for (const Field& field : fields_) {
    const bool misspelt = std::find(meant.begin(), meant.end(), field.key) != meant.end();
    read_field(field, misspelt, cursor);
  }
  for (const Check& check : checks_) {
    if (!check.only_sound || cursor.problems_so_far() == problems_before) check.run(cursor);
  }
}

std::string Fields::schema() const {
  std::string properties, required, dependencies, groups;
  for (const Field& field : fields_) {
    std::string described = "{\"description\":" + json_text(field.help);
    if (!field.required && field.shape.initial) {
      described += ",\"default\":" + field.shape.initial();
    }
    const std::string shape = field.shape.schema();  // "{...}"
    described += (shape == "{}" ? "" : ",") + shape.substr(1);
    properties += (properties.empty() ? "" : ",") + json_text(field.key) + ":" + described;
    if (field.required) required += (required.empty() ? "" : ",") + json_text(field.key);
    if (!field.with.empty()) {
      dependencies += (dependencies.empty() ? "" : ",") + json_text(field.key) + ":" +
                      present(field.with, "anyOf");
    }
  }
  for (const Group& group : groups_) {
    groups +=
        (groups.empty() ? "" : ",") + present(group.keys, group.exclusive ? "oneOf" : "anyOf");
  }
  std::string text = "{\"type\":\"object\",\"additionalProperties\":false";
  if (!required.empty()) text += ",\"required\":[" + required + "]";
  if (!dependencies.empty()) text += ",\"dependencies\":{" + dependencies + "}";
  if (!groups.empty()) text += ",\"allOf\":[" + groups + "]";
  return text + ",\"properties\":{" + properties + "}}";
}

Shape mapping(const std::function<void(Fields&)>& describe) {
  return Shape{[describe](const Cursor& cursor) {
                 Fields fields;
                 describe(fields);
                 fields.read(cursor);
               },
               [describe] {
                 Fields fields;
                 describe(fields);
                 return fields.schema();
               }};
}

bool matches(const Grammar& grammar, const std::string& text) {
  // One compiled pattern for each grammar of the program, of which there are a dozen.
  thread_local std::map<std::string_view, std::unique_ptr<const re2::RE2>> compiled;
  std::unique_ptr<const re2::RE2>& pattern = compiled[grammar.pattern];
  if (!pattern) pattern = std::make_unique<const re2::RE2>(grammar.pattern);
  return text.size() <= kLongestName && re2::RE2::FullMatch(text, *pattern);
}

Shape map_of(const Grammar& keys, const std::function<Shape(const std::string& key)>& value) {
  return Shape{[keys, value](const Cursor& cursor) {
                 if (cursor.node().kind != Node::Kind::kMapping) {
                   cursor.problem("found " + describe_node(cursor.node()) +
                                  ", expected a mapping whose keys are each " + keys.what);
                   return;
                 }
                 for (const Entry& entry : cursor.node().entries) {
                   if (!matches(keys, entry.key)) {
                     cursor.problem_at_key(entry.key, std::string("the key is not ") + keys.what);
                     continue;
                   }
                   const bool nothing = entry.value->kind == Node::Kind::kNull;
                   const Cursor child = cursor.under(entry);
                   if (nothing)
                     child.problem("found nothing after the key");
                   else
                     value(entry.key).read(child);
                 }
               },
               [keys, value] {
                 return std::string("{\"type\":\"object\",\"propertyNames\":{\"pattern\":") +
                        json_text(keys.pattern) +
                        "},\"additionalProperties\":" + value("").schema() + "}";
               }};
}

Shape list_of(size_t at_least, const std::function<Shape()>& item) {
  return Shape{[at_least, item](const Cursor& cursor) {
                 if (cursor.node().kind != Node::Kind::kList) {
                   cursor.problem("found " + describe_node(cursor.node()) + ", expected a list");
                   return;
                 }
                 const size_t count = cursor.node().items.size();
                 if (count < at_least) {
                   cursor.problem("found a list of " + std::to_string(count) +
                                  ", expected at least " + std::to_string(at_least));
                 }
                 for (size_t i = 0; i < count; ++i) item().read(cursor.item(i));
               },
               [at_least, item] {
                 return "{\"type\":\"array\",\"minItems\":" + std::to_string(at_least) +
                        ",\"items\":" + item().schema() + "}";
               }};
}

Shape either(const Shape& scalar, const Shape& structured) {
  return Shape{[scalar, structured](const Cursor& cursor) {
                 const bool single = cursor.node().kind == Node::Kind::kScalar;
                 (single ? scalar : structured).read(cursor);
               },
               [scalar, structured] {
                 return "{\"anyOf\":[" + scalar.schema() + "," + structured.schema() + "]}";
               },
               scalar.initial};
}

}  // namespace autoscaler
