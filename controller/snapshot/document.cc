#include "controller/snapshot/document.h"

#include "controller/config/nearest.h"
#include "controller/snapshot/snapshot.h"
#include "metrics/quantity.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace autoscaler {
namespace {

constexpr int kMaxDepth = 64;
constexpr size_t kMaxProblems = 20;

// "string \"abc\"", "number 3.5", "an array": what stands where something else should.
std::string found(const nlohmann::json& json) {
  if (json.is_array()) return "an array";
  if (json.is_object()) return "an object";
  std::string text = json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  if (text.size() > 60) text = text.substr(0, 60) + "...";
  return std::string(json.type_name()) + " " + text;
}

// Sees every parse event; remembers the first thing that makes the document unacceptable.
class Watch {
 public:
  bool operator()(int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    const bool opens = event == Event::object_start || event == Event::array_start;
    if (opens && depth >= kMaxDepth && !problem_) {
      problem_ = "it is nested past " + std::to_string(kMaxDepth) + " levels";
    }
    if (problem_) return false;
    if (event == Event::object_start) keys_.emplace_back();
    if (event == Event::object_end) keys_.pop_back();
    if (event == Event::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!keys_.back().insert(key).second) problem_ = "the key \"" + key + "\" is there twice";
    }
    return true;
  }
  const std::optional<std::string>& problem() const { return problem_; }

 private:
  std::vector<std::set<std::string>> keys_;
  std::optional<std::string> problem_;
};

}  // namespace

void Faults::add(const std::string& path, const std::string& message) {
  std::string line = path.empty() ? message : path + ": " + message;
  // A place may be read twice.
  if (std::find(lines_.begin(), lines_.end(), line) == lines_.end()) {
    lines_.push_back(std::move(line));
  }
}

Error Faults::error() const {
  std::string text;
  for (size_t i = 0; i < std::min(lines_.size(), kMaxProblems); ++i) {
    text += (i == 0 ? "" : "\n") + lines_[i];
  }
  if (lines_.size() > kMaxProblems) {
    text += "\nand " + std::to_string(lines_.size() - kMaxProblems) + " more";
  }
  return {Code::kInvalid, text};
}

Result<std::shared_ptr<const nlohmann::json>> parse_json(std::string_view text) {
  Watch watch;
  try {
    auto json = std::make_shared<nlohmann::json>(
        nlohmann::json::parse(text.begin(), text.end(), std::ref(watch)));
    if (watch.problem()) {
      return Error{Code::kInvalid, "the document cannot be read: " + *watch.problem()};
    }
    return std::shared_ptr<const nlohmann::json>(std::move(json));
  } catch (const nlohmann::json::exception& exception) {
    if (watch.problem()) {
      return Error{Code::kInvalid, "the document cannot be read: " + *watch.problem()};
    }
    // "[json.exception.parse_error.101] parse error at line 1, ...": the bracket is for programs.
    std::string_view what = exception.what();
    if (const size_t bracket = what.find("] "); bracket != what.npos)
      what.remove_prefix(bracket + 2);
    return Error{Code::kInvalid, "the document is not JSON: " + std::string(what)};
  }
}

bool Place::given() const {
  return json_ != nullptr && !json_->is_null();
}

void Place::fail(const std::string& message) const {
  faults_->add(path_, message);
}

void Place::expected(std::string_view what) const {
  fail("expected " + std::string(what) + ", found " + found(*json_));
}

Place Place::operator[](std::string_view key) const {
  std::string path = path_.empty() ? std::string(key) : path_ + "." + std::string(key);
  if (json_ == nullptr || !json_->is_object()) return {nullptr, std::move(path), faults_};
  const auto member = json_->find(std::string(key));
  return {member == json_->end() ? nullptr : &*member, std::move(path), faults_};
}

Place Place::require(std::string_view key, std::string_view remedy) const {
  Place place = (*this)[key];
  if (!place.given() && json_ != nullptr && json_->is_object()) {
    place.fail("is missing; " + std::string(remedy));
  }
  return place;
}

bool Place::object() const {
  if (!given()) return false;
  if (!json_->is_object()) expected("an object");
  return json_->is_object();
}

bool Place::only(std::initializer_list<std::string_view> keys) const {
  if (!object()) return false;
  for (const auto& [key, value] : json_->items()) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    const std::vector<std::string> names(keys.begin(), keys.end());
    (*this)[key].fail(unknown_name("unknown key", key, names));
  }
  return true;
}

std::vector<Place> Place::list() const {
  std::vector<Place> nodes;
  if (!given()) return nodes;
  if (!json_->is_array()) {
    expected("an array");
    return nodes;
  }
  nodes.reserve(json_->size());
  for (size_t i = 0; i < json_->size(); ++i) {
    nodes.emplace_back(&(*json_)[i], path_ + "[" + std::to_string(i) + "]", faults_);
  }
  return nodes;
}

std::vector<std::pair<std::string, Place>> Place::members() const {
  std::vector<std::pair<std::string, Place>> members;
  if (!object()) return members;
  for (const auto& [key, value] : json_->items()) members.emplace_back(key, (*this)[key]);
  return members;
}

std::optional<std::string> Place::text() const {
  if (!given()) return std::nullopt;
  if (json_->is_string()) return json_->get<std::string>();
  expected("a string");
  return std::nullopt;
}

std::optional<bool> Place::flag() const {
  if (!given()) return std::nullopt;
  if (json_->is_boolean()) return json_->get<bool>();
  expected("true or false");
  return std::nullopt;
}

std::optional<int64_t> Place::integer(int64_t min, int64_t max) const {
  if (!given()) return std::nullopt;
  const bool fits = json_->is_number_integer() &&
                    (!json_->is_number_unsigned() ||
                     json_->get<uint64_t>() <= uint64_t{std::numeric_limits<int64_t>::max()});
  if (fits) {
    const auto value = json_->get<int64_t>();
    if (value >= min && value <= max) return value;
  }
  expected("a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  return std::nullopt;
}

std::optional<int32_t> Place::replicas(int32_t min) const {
  const auto value = integer(min, std::numeric_limits<int32_t>::max());
  if (!value) return std::nullopt;
  return static_cast<int32_t>(*value);
}

std::optional<double> Place::number() const {
  if (!given()) return std::nullopt;
  if (json_->is_number()) return json_->get<double>();
  if (*json_ == "+Inf") return std::numeric_limits<double>::infinity();
  if (*json_ == "-Inf") return -std::numeric_limits<double>::infinity();
  if (*json_ == "NaN") return std::numeric_limits<double>::quiet_NaN();
  expected("a number");
  return std::nullopt;
}

std::optional<Instant> Place::instant() const {
  const auto string = text();
  if (!string) return std::nullopt;
  const Result<Instant> at = parse_instant(*string);
  if (at) return *at;
  fail(at.error().message);
  return std::nullopt;
}

std::optional<Duration> Place::duration() const {
  const auto string = text();
  if (!string) return std::nullopt;
  const Result<Duration> duration = parse_go_duration(*string);
  if (duration) return *duration;
  fail(duration.error().message);
  return std::nullopt;
}

std::optional<int64_t> Place::milli() const {
  if (!given()) return std::nullopt;
  if (!json_->is_string() && !json_->is_number()) {
    expected("a quantity such as \"250m\"");
    return std::nullopt;
  }
  const Result<int64_t> milli =
      parse_milli_quantity(json_->is_string() ? json_->get<std::string>() : json_->dump());
  if (milli) return *milli;
  fail(milli.error().message);
  return std::nullopt;
}

std::optional<size_t> Place::one_of(std::span<const std::string_view> names) const {
  const auto name = text();
  if (!name) return std::nullopt;
  const auto position = std::find(names.begin(), names.end(), *name);
  if (position != names.end()) return static_cast<size_t>(position - names.begin());
  expected("one of " + one_of_these(std::vector<std::string>(names.begin(), names.end())));
  return std::nullopt;
}

std::string unknown_name(const std::string& what, std::string_view found,
                         std::span<const std::string> known) {
  const std::string near = did_you_mean(found, known);
  return what + (near.empty() ? "." : "; " + near) + " Allowed: " + one_of_these(known);
}

nlohmann::json number_json(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return value;
}

nlohmann::json text_json(const std::string& text) {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::all_of(text.begin(), text.end(), is_ascii)) return text;
  const nlohmann::json raw = text;
  return nlohmann::json::parse(raw.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace autoscaler
