#pragma once

#include "base/result.h"
#include "policies/time.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace autoscaler {

// What is wrong with a document, every line "path: what was found, what is allowed".
class Faults {
 public:
  void add(const std::string& path, const std::string& message);
  bool empty() const { return lines_.empty(); }
  Error error() const;  // kInvalid, all lines; the first 20 if there are more

 private:
  std::vector<std::string> lines_;
};

// Text into JSON. Refuses what would be read differently by two readers, or cannot be written back
// safely: duplicate keys, and nesting past 64 levels (a decide document has 10).
Result<std::shared_ptr<const nlohmann::json>> parse_json(std::string_view text);

// One place in a document. Reads what should stand there; what does not fit becomes a problem with
// the path and the remedy, and reads as absent. JSON null is absent, as in Kubernetes.
// The document and the problems outlive every place.
class Place {
 public:
  Place(const nlohmann::json* json, std::string path, Faults* problems)
      : json_(json), path_(std::move(path)), faults_(problems) {}

  bool given() const;
  const std::string& path() const { return path_; }
  const nlohmann::json& json() const { return *json_; }  // given() only
  void fail(const std::string& message) const;

  Place operator[](std::string_view key) const;  // absent where this is no object
  Place require(std::string_view key, std::string_view remedy) const;  // a problem where absent

  // An object of ours: exactly these keys. An object of Kubernetes: these and any others.
  bool only(std::initializer_list<std::string_view> keys) const;
  bool object() const;

  std::vector<Place> list() const;                             // empty where absent
  std::vector<std::pair<std::string, Place>> members() const;  // ordered by key

  std::optional<std::string> text() const;
  std::optional<bool> flag() const;
  std::optional<int64_t> integer(int64_t min, int64_t max) const;
  std::optional<int32_t> replicas(int32_t min = 0) const;  // min .. 2^31 - 1
  std::optional<double> number() const;                    // or "+Inf", "-Inf", "NaN"
  std::optional<Instant> instant() const;
  std::optional<Duration> duration() const;  // Go style: "1m30s"
  std::optional<int64_t> milli() const;      // a Kubernetes quantity: "250m", "1Gi", 3
  std::optional<size_t> one_of(std::span<const std::string_view> names) const;
  std::optional<size_t> one_of(std::initializer_list<std::string_view> names) const {
    return one_of(std::span(names.begin(), names.size()));
  }

 private:
  void expected(std::string_view what) const;  // a problem: expected what, found this

  const nlohmann::json* json_;  // nullptr: absent
  std::string path_;
  Faults* faults_;
};

// "unknown key; did you mean 'now'? Allowed: now, policy or scale".
std::string unknown_name(const std::string& what, std::string_view found,
                         std::span<const std::string> known);

// A number as JSON; what JSON has no number for as "+Inf", "-Inf", "NaN".
nlohmann::json number_json(double value);

// Text that came from outside, as JSON that can always be written: bytes that are no UTF-8 become
// U+FFFD. (What a server answered may be anything.)
nlohmann::json text_json(const std::string& text);

}  // namespace autoscaler
