#include "controller/config/scalars.h"

#include "controller/config/nearest.h"

#include <algorithm>
#include <cmath>

namespace autoscaler {
namespace {

constexpr size_t kLongestText = 4096;

Error wrong(std::string message) {
  return Error{Code::kInvalid, std::move(message)};
}

Json constant(const char* json) {
  return [json] { return std::string(json); };
}

Json text_schema(const char* pattern) {
  return [pattern] { return "{\"type\":\"string\",\"pattern\":" + json_text(pattern) + "}"; };
}

// A bare number where it is clear without a unit or %, otherwise a text.
Json number_schema(const char* range, const char* pattern) {
  return [range, pattern] {
    return "{\"type\":[\"number\",\"string\"]," + std::string(range) +
           ",\"pattern\":" + json_text(pattern) + "}";
  };
}

std::string percent_text(double value) {
  const double percent = std::round(value * 100 * 1e9) / 1e9;
  return format_number(percent) + "%";
}

ScalarRule<std::string> text_rule(std::string what, bool may_be_empty) {
  return {std::move(what),
          constant(may_be_empty ? R"({"type":["string","number","boolean"]})"
                                : R"({"type":["string","number","boolean"],"minLength":1})"),
          [may_be_empty](const Node& node) -> Result<std::string> {
            if (node.text.empty() && !may_be_empty) return wrong("it is empty");
            if (node.text.size() > kLongestText) return wrong("it is longer than 4096 bytes");
            if (node.text.find_first_of(std::string("\r\n\0", 3)) != std::string::npos) {
              return wrong("it has more than one line");
            }
            return node.text;
          },
          [](const std::string& text) { return json_text(text); }};
}

}  // namespace

bool is_scalar(const Cursor& cursor, const std::string& expected) {
  if (cursor.node().kind == Node::Kind::kScalar) return true;
  cursor.problem("found " + describe_node(cursor.node()) + ", expected " + expected);
  return false;
}

void refuse(const Cursor& cursor, const Error& error, const std::string& expected) {
  const std::string found = "found " + describe_node(cursor.node());
  if (error.message.empty()) {
    cursor.problem(found + ", expected " + expected);
    return;
  }
  const char* stop = error.message.ends_with('?') ? " " : ". ";
  cursor.problem(found + ": " + error.message + stop + "Expected " + expected);
}

ScalarRule<Duration> duration(Duration least, Duration most) {
  const std::string range = format_duration(least) + " to " + format_duration(most);
  return {"a duration from " + range + ", such as 30s, 500ms or 1h30m",
          number_schema(R"("minimum":0,"maximum":0)", "^(0|([0-9]*[.]?[0-9]+(d|h|m|s|ms))+)$"),
          [least, most, range](const Node& node) -> Result<Duration> {
            auto value = parse_duration(node.text);
            if (value.ok() && (*value < least || *value > most)) {
              return wrong("it is outside of " + range);
            }
            return value;
          },
          [](const Duration& value) { return json_text(format_duration(value)); }};
}

ScalarRule<double> ratio(double least, double most) {
  const std::string range = percent_text(least) + " to " + percent_text(most);
  return {"a ratio from " + range + ", such as 70% or 0.7",
          number_schema(R"("minimum":0,"maximum":1)", "^[0-9]*[.]?[0-9]+%?$"),
          [least, most, range](const Node& node) -> Result<double> {
            auto value = parse_ratio(node.text);
            if (value.ok() && (*value < least || *value > most)) {
              return wrong("it is outside of " + range);
            }
            return value;
          },
          [](const double& value) { return json_text(percent_text(value)); }};
}

ScalarRule<double> positive_quantity() {
  return {"a quantity above 0, such as 2, 250m or 2Gi",
          number_schema(R"("exclusiveMinimum":0)",
                        "^[0-9]*[.]?[0-9]+(n|u|m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$"),
          [](const Node& node) -> Result<double> {
            auto value = parse_quantity(node.text);
            if (value.ok() && *value <= 0) return wrong("it is not above 0");
            return value;
          },
          [](const double& value) { return format_number(value); }};
}

ScalarRule<int32_t> integer(int64_t least, int64_t most) {
  const std::string range = std::to_string(least) + " to " + std::to_string(most);
  return {"a whole number from " + range,
          [least, most] {
            return "{\"type\":\"integer\",\"minimum\":" + std::to_string(least) +
                   ",\"maximum\":" + std::to_string(most) + "}";
          },
          [least, most, range](const Node& node) -> Result<int32_t> {
            if (node.quoted) return wrong("it is a text: write it without quotes");
            const auto value = parse_integer(node.text);
            if (!value.ok()) return value.error();
            if (*value < least || *value > most) return wrong("it is outside of " + range);
            return static_cast<int32_t>(*value);
          },
          [](const int32_t& value) { return std::to_string(value); }};
}

ScalarRule<int64_t> bytes(int64_t least, int64_t most) {
  const auto print = [](const int64_t& value) {
    for (const auto& [shift, unit] : {std::pair{30, "Gi"}, std::pair{20, "Mi"}, {10, "Ki"}}) {
      if (value % (int64_t{1} << shift) == 0) return std::to_string(value >> shift) + unit;
    }
    return std::to_string(value);
  };
  const std::string range = print(least) + " to " + print(most);
  return {"a size in bytes from " + range + ", such as 512Mi", positive_quantity().schema,
          [least, most, range](const Node& node) -> Result<int64_t> {
            const auto value = parse_quantity(node.text);
            if (!value.ok()) return value.error();
            if (*value < static_cast<double>(least) || *value > static_cast<double>(most)) {
              return wrong("it is outside of " + range);
            }
            return static_cast<int64_t>(*value);
          },
          [print](const int64_t& value) { return json_text(print(value)); }};
}

ScalarRule<bool> truth() {
  return {"true or false", constant(R"({"type":"boolean"})"),
          [](const Node& node) -> Result<bool> {
            if (!node.quoted && (node.text == "true" || node.text == "false")) {
              return node.text == "true";
            }
            return wrong("");
          },
          [](const bool& value) { return std::string(value ? "true" : "false"); }};
}

ScalarRule<std::string> name(const Grammar& grammar) {
  return {grammar.what, text_schema(grammar.pattern),
          [grammar](const Node& node) -> Result<std::string> {
            if (matches(grammar, node.text)) return node.text;
            return wrong("");
          },
          [](const std::string& text) { return json_text(text); }};
}

ScalarRule<std::string> any_text(std::string what) {
  return text_rule(std::move(what), true);
}

ScalarRule<std::string> path_text(std::string what) {
  return text_rule(std::move(what), false);
}

ScalarRule<size_t> word(std::vector<std::string> words) {
  const std::string expected = one_of_these(words);
  return {expected, [words] { return "{\"enum\":" + json_list(words) + "}"; },
          [words](const Node& node) -> Result<size_t> {
            const auto found = std::find(words.begin(), words.end(), node.text);
            if (found != words.end()) return static_cast<size_t>(found - words.begin());
            return wrong(did_you_mean(node.text, words));
          },
          [words](const size_t& index) { return json_text(words.at(index)); }};
}

ScalarRule<PortRange> port_range() {
  return {"a range of ports such as 9000-9099",
          constant(R"({"type":["string","integer"],"pattern":"^[0-9]+(-[0-9]+)?$"})"),
          [](const Node& node) { return parse_port_range(node.text); },
          [](const PortRange&) { return std::string(); }};
}

ScalarRule<ListenAddress> listen_address() {
  return {"an address such as 127.0.0.1:8080, [::1]:8080 or :8080 (every address)",
          text_schema("^.*:[0-9]+$"),
          [](const Node& node) { return parse_listen_address(node.text); },
          [](const ListenAddress& listen) {
            const bool v6 = listen.address.find(':') != std::string::npos;
            return json_text((v6 ? "[" + listen.address + "]" : listen.address) + ":" +
                             std::to_string(listen.port));
          }};
}

ScalarRule<std::string> instance_host() {
  return {"an IP address of this host such as 127.0.0.1, or localhost",
          text_schema("^(localhost|[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$"),
          [](const Node& node) { return parse_instance_host(node.text); },
          [](const std::string& text) { return json_text(text); }};
}

ScalarRule<SizeChange> size_change() {
  return {
      "a number of instances such as 2, or a percentage of them such as 25%",
      constant(
          R"({"type":["integer","string"],"minimum":1,"pattern":"^([0-9]*[.]?[0-9]+%|[0-9]+)$"})"),
      [](const Node& node) { return parse_size_change(node.text); },
      [](const SizeChange&) { return std::string(); }};
}

Shape later(std::optional<Cursor>& to, const char* schema) {
  return Shape{[&to](const Cursor& cursor) { to = cursor; }, constant(schema)};
}

}  // namespace autoscaler
