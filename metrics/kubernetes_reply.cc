#include "metrics/kubernetes_reply.h"

#include "metrics/instant.h"
#include "metrics/quantity.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace autoscaler {
namespace {

constexpr size_t kMostDepth = 64;
constexpr int64_t kLongestWindowSeconds = int64_t{86400} * 365;

// Walks a list document and hands over what stands at paths such as "/items/*/metadata/name".
// `List` has open(path), for each object, and scalar(path, text), which returns what is wrong.
template <typename List>
class PathReader {
 public:
  explicit PathReader(List& list) : list_(list) {}

  // The calls of nlohmann's SAX parser; false ends the parse.
  bool null() { return leave(); }
  bool boolean(bool) { return leave(); }
  bool number_integer(int64_t value) { return scalar(std::to_string(value)); }
  bool number_unsigned(uint64_t value) { return scalar(std::to_string(value)); }
  bool number_float(double, const std::string& text) { return scalar(text); }
  bool string(std::string& text) { return scalar(text); }
  bool binary(std::vector<uint8_t>&) { return fail("binary data"); }
  bool start_object(size_t) {
    enter(false);
    if (open_.size() > kMostDepth) return fail("nested more than 64 deep");
    list_.open(path_);
    return true;
  }
  bool start_array(size_t) {
    if (open_.empty()) return fail("a list where an object should be");
    enter(true);
    return open_.size() <= kMostDepth || fail("nested more than 64 deep");
  }
  bool key(std::string& name) {
    path_ += '/';
    path_ += name;
    return true;
  }
  bool end_object() { return end(); }
  bool end_array() { return end(); }
  template <typename Exception>
  bool parse_error(size_t position, const std::string&, const Exception&) {
    return fail("no JSON at byte " + std::to_string(position));
  }

  Error error() const { return {Code::kInvalid, error_}; }

 private:
  struct Open {
    size_t length;  // of the path to it
    bool is_array;
  };
  bool fail(std::string what) {
    error_ = std::move(what);
    return false;
  }
  bool in_array() const { return !open_.empty() && open_.back().is_array; }
  void enter(bool is_array) {
    if (in_array()) path_ += "/*";
    open_.push_back({path_.size(), is_array});
  }
  bool scalar(const std::string& text) {
    const std::string wrong = in_array() ? "" : list_.scalar(path_, text);
    return wrong.empty() ? leave() : fail("at " + path_ + ": " + wrong);
  }
  // A value has ended: the path is again that of what holds it.
  bool leave() {
    path_.resize(open_.empty() ? 0 : open_.back().length);
    return true;
  }
  bool end() {
    open_.pop_back();
    return leave();
  }

  List& list_;
  std::vector<Open> open_;
  std::string path_;
  std::string error_;
};

template <typename Value>
std::string take(Result<Value> parsed, std::optional<Value>& to) {
  if (!parsed) return parsed.error().message;
  to = std::move(parsed).value();
  return "";
}

struct PodMetricsList {
  std::vector<PodUsage> items;
  bool is_list = false;

  void open(std::string_view path) {
    if (path == "/items/*") items.emplace_back();
    if (path == "/items/*/containers/*") items.back().containers.emplace_back();
  }
  std::string scalar(std::string_view path, const std::string& text) {
    constexpr std::string_view kUsage = "/items/*/containers/*/usage/";
    if (path == "/kind") is_list = text == "PodMetricsList";
    if (path == "/items/*/metadata/name") items.back().pod = text;
    if (path == "/items/*/timestamp") return take(parse_instant(text), items.back().at);
    if (path == "/items/*/window") return take(parse_go_duration(text), items.back().window);
    if (path == "/items/*/containers/*/name") items.back().containers.back().name = text;
    if (!path.starts_with(kUsage)) return "";
    const Result<int64_t> milli = parse_milli_quantity(text);
    if (!milli) return milli.error().message;
    items.back().containers.back().usage.emplace_back(path.substr(kUsage.size()), *milli);
    return "";
  }
};

struct MetricValueList {
  std::vector<MetricValue> items;
  bool is_list = false;

  void open(std::string_view path) {
    if (path == "/items/*") items.emplace_back();
  }
  std::string scalar(std::string_view path, const std::string& text) {
    if (path == "/kind") is_list = text == "MetricValueList" || text == "ExternalMetricValueList";
    if (path == "/items/*/describedObject/name") items.back().object = text;
    if (path == "/items/*/timestamp") return take(parse_instant(text), items.back().at);
    if (path == "/items/*/windowSeconds" || path == "/items/*/window") return window(text);
    if (path != "/items/*/value") return "";
    const Result<int64_t> milli = parse_milli_quantity(text);
    if (!milli) return milli.error().message;
    items.back().milli = *milli;
    return "";
  }
  std::string window(const std::string& text) {
    const Result<Duration> seconds = parse_go_duration(text + "s");
    const bool fits = seconds.ok() && *seconds >= Duration{0} &&
                      *seconds <= std::chrono::seconds(kLongestWindowSeconds);
    if (!fits) return "\"" + text + "\" is no number of seconds";
    items.back().window = *seconds;
    return "";
  }
};

template <typename List>
auto parse(std::string_view json, const char* what) -> Result<decltype(List::items)> {
  List list;
  PathReader<List> reader(list);
  if (!nlohmann::json::sax_parse(json.begin(), json.end(), &reader)) return reader.error();
  if (!list.is_list) return Error{Code::kInvalid, std::string("the answer is no ") + what};
  return std::move(list.items);
}

}  // namespace

Result<std::vector<PodUsage>> parse_pod_metrics(std::string_view json) {
  return parse<PodMetricsList>(json, "PodMetricsList");
}

Result<std::vector<MetricValue>> parse_metric_values(std::string_view json) {
  return parse<MetricValueList>(json, "MetricValueList");
}

}  // namespace autoscaler
