#pragma once

#include "base/result.h"
#include "controller/config/shape.h"
#include "controller/config/units.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace autoscaler {

// How a single value is read: what is expected (for the message), the JSON Schema of it, the
// parser, and how a default is shown.
template <typename T>
struct ScalarRule {
  std::string expected;  // "a duration from 1s to 10m, such as 30s"
  Json schema;
  std::function<Result<T>(const Node&)> parse;
  std::function<std::string(const T&)> print;  // as JSON
};

ScalarRule<Duration> duration(Duration least, Duration most);
ScalarRule<double> ratio(double least, double most);       // 70% or 0.7
ScalarRule<double> positive_quantity();                    // 2, 250m, 2Gi
ScalarRule<int32_t> integer(int64_t least, int64_t most);  // decimal, not quoted
ScalarRule<int64_t> bytes(int64_t least, int64_t most);    // 64Mi
ScalarRule<bool> truth();                                  // true or false
ScalarRule<std::string> name(const Grammar& grammar);      // must match
ScalarRule<std::string> any_text(std::string what);   // one line, at most 4096 bytes; may be empty
ScalarRule<std::string> path_text(std::string what);  // as any_text, not empty
ScalarRule<size_t> word(std::vector<std::string> words);  // one of them: its index
ScalarRule<PortRange> port_range();
ScalarRule<ListenAddress> listen_address();
ScalarRule<std::string> instance_host();  // an IP address, or localhost
ScalarRule<SizeChange> size_change();

bool is_scalar(const Cursor& cursor, const std::string& expected);
void refuse(const Cursor& cursor, const Error& error, const std::string& expected);

namespace internal {
template <typename T, typename Take>
Shape scalar_shape(ScalarRule<T> rule, Json initial, Take take) {
  Json schema = std::move(rule.schema);
  return Shape{[rule = std::move(rule), take](const Cursor& cursor) {
                 if (!is_scalar(cursor, rule.expected)) return;
                 Result<T> value = rule.parse(cursor.node());
                 if (value.ok())
                   take(std::move(value).value());
                 else
                   refuse(cursor, value.error(), rule.expected);
               },
               std::move(schema), std::move(initial)};
}
}  // namespace internal

// What stands in `to` is the default, and stays where the value is wrong.
template <typename T>
Shape scalar(T& to, ScalarRule<T> rule) {
  Json initial = [&to, print = rule.print] { return print(to); };
  return internal::scalar_shape(std::move(rule), std::move(initial),
                                [&to](T value) { to = std::move(value); });
}
template <typename T>
Shape scalar(std::optional<T>& to, ScalarRule<T> rule) {
  return internal::scalar_shape(std::move(rule), {}, [&to](T value) { to = std::move(value); });
}
// One word of a closed list into an enum whose enumerators stand in that order. `or_else`: what
// else may stand there, for the message.
template <typename Enum>
Shape choice(Enum& to, std::vector<std::string> words, const char* or_else = "") {
  ScalarRule<size_t> rule = word(std::move(words));
  rule.expected += or_else;
  Json initial = [&to, print = rule.print] { return print(static_cast<size_t>(to)); };
  return internal::scalar_shape(std::move(rule), std::move(initial),
                                [&to](size_t index) { to = static_cast<Enum>(index); });
}

// Keeps the place and reads nothing yet: for a value whose unit depends on its neighbours.
Shape later(std::optional<Cursor>& to, const char* schema);

}  // namespace autoscaler
