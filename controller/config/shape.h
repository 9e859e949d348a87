#pragma once

#include "controller/config/node.h"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace autoscaler {

// A piece of JSON, made only when the schema is wanted: a config of 5,000 workloads makes none.
using Json = std::function<std::string()>;

// What may stand at one place of the config. Each is described once: `read` takes the value into
// the spec, `schema` writes the same description as JSON Schema, so the two cannot differ.
// Shapes refer to what they fill and are used at once, on the line that makes them.
struct Shape {
  std::function<void(const Cursor&)> read;
  Json schema;        // an object
  Json initial = {};  // the default; empty: none to show
};

// The keys of a mapping, in the order in which they are read.
class Fields {
 public:
  struct Field {
    std::string key;
    Shape shape;
    bool required;
    const char* help;               // for editors and the schema: what it is, with its unit
    std::vector<std::string> with;  // allowed only beside one of these; empty: always
  };

  void required(std::string key, Shape shape, const char* help);
  void optional(std::string key, Shape shape, const char* help);
  // Allowed only where one of the keys in `with` is given too.
  void only_with(std::vector<std::string> with, std::string key, Shape shape, const char* help);
  // Known and not allowed here; `why` says what to write instead. The schema does not have it.
  void refused(std::string key, const char* why);
  void exactly_one(std::vector<std::string> keys);
  void at_least_one(std::vector<std::string> keys);
  // Runs after all keys were read, for what they say together.
  void check(std::function<void(const Cursor&)> check);
  // The same, but only where nothing was wrong so far: no second problem about one mistake.
  void check_sound(std::function<void(const Cursor&)> check);

 private:
  friend Shape mapping(const std::function<void(Fields&)>& describe);
  struct Group {
    std::vector<std::string> keys;
    bool exclusive;
  };
  struct Refusal {
    std::string key;
    const char* why;
  };
  std::vector<std::string> keys() const;
  void read(const Cursor& cursor) const;
  void read_field(const Field& field, bool misspelt, const Cursor& cursor) const;
  // The known keys that were probably meant by unknown ones; "" for one that is near to none.
  std::vector<std::string> check_unknown(const Cursor& cursor) const;
  void check_group(const Group& group, bool may_be_misspelt, const Cursor& cursor) const;
  std::string schema() const;

  std::vector<Field> fields_;
  std::vector<Refusal> refusals_;
  std::vector<Group> groups_;
  struct Check {
    std::function<void(const Cursor&)> run;
    bool only_sound;
  };
  std::vector<Check> checks_;
};

// A mapping with known keys; any other key is a problem.
Shape mapping(const std::function<void(Fields&)>& describe);

// Names that must match: a word for it, and a pattern anchored at both ends that RE2 and ECMAScript
// (JSON Schema) read alike.
struct Grammar {
  const char* what;
  const char* pattern;
};
bool matches(const Grammar& grammar, const std::string& text);

// A mapping whose keys are the user's. `value` makes the place for one and says what stands there.
Shape map_of(const Grammar& keys, const std::function<Shape(const std::string& key)>& value);

// A list. `item` makes the place for the next one and says what stands there.
Shape list_of(size_t at_least, const std::function<Shape()>& item);

// A single value, or a mapping (or list) in its place.
Shape either(const Shape& scalar, const Shape& structured);

std::string json_text(std::string_view text);  // quoted and escaped
std::string json_list(std::span<const std::string> texts);

}  // namespace autoscaler
