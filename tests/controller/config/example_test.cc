#include "controller/config/config.h"
#include "tests/controller/config/print_config.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <functional>
#include <optional>
#include <set>
#include <sstream>

namespace autoscaler {
namespace {

using nlohmann::json;

std::vector<std::string> example_lines() {
  std::ifstream file(AUTOSCALER_SOURCE_DIR "/docs/example.yaml");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::string read_and_print(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  const ConfigResult result = parse_config(text, "example.yaml");
  if (result.config) return print(*result.config);
  std::string problems;
  for (const ConfigProblem& problem : result.problems) problems += describe(problem) + "\n";
  return problems;
}

bool is_default(const std::string& line) {
  return line.ends_with("# default");
}

// `interval: 5s  # default` in two; the value is empty where a block follows.
struct DefaultLine {
  std::string key;
  std::string value;
};
std::optional<DefaultLine> default_line(std::string line) {
  if (!is_default(line)) return std::nullopt;
  line.erase(line.rfind('#'));
  line.erase(line.find_last_not_of(' ') + 1);
  line.erase(0, line.find_first_not_of(" -"));
  const size_t colon = line.find(':');
  if (colon == std::string::npos || line.front() == '{') return std::nullopt;
  const size_t value = line.find_first_not_of(' ', colon + 1);
  return DefaultLine{line.substr(0, colon), value == std::string::npos ? "" : line.substr(value)};
}

bool opens_block(const std::string& line) {
  const auto parts = default_line(line);
  return parts && parts->value.empty();
}

// Is `key:` a key somewhere in the text, rather than the end of a longer one?
bool has_key(const std::string& text, const std::string& key) {
  for (size_t at = text.find(key + ":"); at != std::string::npos;
       at = text.find(key + ":", at + 1)) {
    if (at == 0 || std::string(" {\n").find(text[at - 1]) != std::string::npos) return true;
  }
  return false;
}

size_t indent(const std::string& line) {
  return line.find_first_not_of(' ');
}

TEST(Example, IsAConfig) {
  const std::string printed = read_and_print(example_lines());
  EXPECT_TRUE(printed.starts_with("config")) << printed;
}

TEST(Example, WithoutItsDefaultLinesItSaysTheSame) {
  const std::vector<std::string> lines = example_lines();
  std::vector<std::string> short_form;
  for (const std::string& line : lines) {
    if (!is_default(line)) short_form.push_back(line);
  }
  EXPECT_GT(lines.size(), short_form.size() + 40);
  EXPECT_EQ(read_and_print(short_form), read_and_print(lines));
}

// The lines in which a block stays whole: one line, or a block with all that is indented under it.
TEST(Example, EachDefaultLineMayGoAlone) {
  const std::vector<std::string> lines = example_lines();
  const std::string whole = read_and_print(lines);
  for (size_t i = 0; i < lines.size(); ++i) {
    const bool list_item = lines[i].find("- ") == indent(lines[i]);
    if (!is_default(lines[i]) || list_item) continue;
    size_t end = i + 1;
    if (opens_block(lines[i])) {
      while (end < lines.size() && indent(lines[end]) > indent(lines[i])) ++end;
    }
    std::vector<std::string> without = lines;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i),
                  without.begin() + static_cast<std::ptrdiff_t>(end));
    // A block whose only key went is no mapping any more.
    const std::string printed = read_and_print(without);
    if (printed.find("found nothing after the key") != std::string::npos) continue;
    EXPECT_EQ(printed, whole) << "line " << i + 1 << ": " << lines[i];
  }
}

// Calls `visit(key, property)` for each property anywhere in the schema.
void each_property(const json& schema,
                   const std::function<void(const std::string&, const json&)>& visit) {
  if (schema.is_array()) {
    for (const json& part : schema) each_property(part, visit);
  }
  if (!schema.is_object()) return;
  if (schema.contains("properties")) {
    for (const auto& [key, property] : schema["properties"].items()) {
      visit(key, property);
      each_property(property, visit);
    }
  }
  for (const char* inner : {"items", "anyOf", "additionalProperties"}) {
    if (schema.contains(inner)) each_property(schema[inner], visit);
  }
}

TEST(Example, ShowsEveryKeyOfTheSchema) {
  std::string text;
  for (const std::string& line : example_lines()) text += line + "\n";
  size_t count = 0;
  each_property(json::parse(config_schema()), [&](const std::string& key, const json&) {
    ++count;
    EXPECT_TRUE(has_key(text, key)) << key;
  });
  EXPECT_GT(count, 80u);
}

TEST(Example, StatesEveryDefaultOfTheSchema) {
  std::set<std::string> stated;
  for (const std::string& line : example_lines()) {
    auto parts = default_line(line);
    if (!parts) continue;
    std::erase(parts->value, '"');
    stated.insert(parts->key + ": " + parts->value);
  }
  each_property(json::parse(config_schema()), [&](const std::string& key, const json& property) {
    if (!property.contains("default") || property.contains("anyOf")) return;
    const json& value = property["default"];
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    EXPECT_TRUE(stated.contains(key + ": " + text)) << key << ": " << text;
  });
}

}  // namespace
}  // namespace autoscaler
