#include "metrics/kubernetes_reply.h"

#include "base/check.h"
#include "metrics/instant.h"
#include "metrics/json_cursor.h"
#include "metrics/quantity.h"

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <map>

namespace autoscaler {
namespace {

constexpr int64_t kLongestWindowSeconds = int64_t{86400} * 365;

// Takes the text that stands next into `to`; `parse` says what is wrong with it.
template <typename Parse, typename To>
void take(JsonCursor& json, const char* where, Parse parse, To& to) {
  const std::optional<std::string_view> text = json.text();
  if (!text) return;
  auto parsed = parse(*text);
  if (parsed) {
    to = *std::move(parsed);
  } else {
    json.fail(std::string("at /items/*/") + where + ": " + parsed.error().message);
  }
}

void take_text(JsonCursor& json, std::string& to) {
  if (const auto text = json.text()) to = *text;
}

void take_name(JsonCursor& json, std::string& to) {
  json.object([&](std::string_view key) { key == "name" ? take_text(json, to) : json.skip(); });
}

// At most a year, in whole or parts of seconds.
Result<Duration> parse_window_seconds(std::string_view text) {
  Result<Duration> seconds = parse_go_duration(std::string(text) + "s");
  const bool fits = seconds.ok() && *seconds >= Duration{0} &&
                    *seconds <= std::chrono::seconds(kLongestWindowSeconds);
  if (fits) return seconds;
  return Error{Code::kInvalid, "\"" + std::string(text) + "\" is no number of seconds"};
}

class PodReader {
 public:
  explicit PodReader(PodMetricsList& into) : into_(into) {}

  void read_item(JsonCursor& json) {
    PodMetricsList::Pod pod;
    std::string name;
    pod.containers.begin = end_of(into_.containers);
    json.object([&](std::string_view key) {
      if (key == "metadata") return take_name(json, name);
      if (key == "timestamp") return take(json, "timestamp", parse_instant, pod.at);
      if (key == "window") return take(json, "window", parse_go_duration, pod.window);
      if (key != "containers") return json.skip();
      json.array([&] { read_container(json); });
    });
    pod.containers.size = end_of(into_.containers) - pod.containers.begin;
    pod.name = {end_of(into_.pod_names), end_of(name)};
    into_.pod_names += name;
    into_.pods.push_back(pod);
  }

  // What has grown with each item is kept as long as the answer, and beside the next one.
  void end() {
    into_.pods.shrink_to_fit();
    into_.pod_names.shrink_to_fit();
    into_.containers.shrink_to_fit();
    into_.usage.shrink_to_fit();
  }

 private:
  // An answer has an end far below 4 GiB, and each of these takes some of its bytes.
  template <typename All>
  static uint32_t end_of(const All& all) {
    return static_cast<uint32_t>(all.size());
  }

  void read_container(JsonCursor& json) {
    std::string name;
    PodMetricsList::Part usage{end_of(into_.usage)};
    json.object([&](std::string_view key) {
      if (key == "name") return take_text(json, name);
      if (key != "usage") return json.skip();
      json.object([&](std::string_view resource) {
        std::optional<int64_t> milli;
        take(json, "containers/*/usage", parse_milli_quantity, milli);
        if (milli) into_.usage.push_back({place_of(resource), *milli});
      });
    });
    usage.size = end_of(into_.usage) - usage.begin;
    into_.containers.push_back({place_of(name), usage});
  }

  uint32_t place_of(std::string_view name) {
    const auto known = places_.find(name);
    if (known != places_.end()) return known->second;
    const uint32_t place = end_of(into_.names);
    into_.names.emplace_back(name);
    places_.emplace(name, place);
    return place;
  }

  PodMetricsList& into_;
  std::map<std::string, uint32_t, std::less<>> places_;  // of `names`
};

void read_item(JsonCursor& json, MetricValue& value) {
  json.object([&](std::string_view key) {
    if (key == "describedObject") return take_name(json, value.object);
    if (key == "timestamp") return take(json, "timestamp", parse_instant, value.at);
    if (key == "window" || key == "windowSeconds") {
      return take(json, "window", parse_window_seconds, value.window);
    }
    if (key != "value") return json.skip();
    take(json, "value", parse_milli_quantity, value.milli);
  });
}

// Calls `read_item` where each of the items stands next.
template <typename ReadItem>
Status read_list(std::string_view text, std::initializer_list<const char*> kinds,
                 ReadItem read_item) {
  JsonCursor json(text);
  std::string kind;
  json.object([&](std::string_view key) {
    if (key == "kind") return take_text(json, kind);
    if (key != "items") return json.skip();
    json.array([&] { read_item(json); });
  });
  if (Status read = json.end(); !read) return read.error();
  if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) return Done{};
  return Error{Code::kInvalid, std::string("the answer is no ") + *kinds.begin()};
}

}  // namespace

Result<PodMetricsList> parse_pod_metrics(std::string_view json) {
  CHECK(json.size() <= UINT32_MAX);
  PodMetricsList list;
  PodReader reader(list);
  const Status read =
      read_list(json, {"PodMetricsList"}, [&](JsonCursor& at) { reader.read_item(at); });
  if (!read) return read.error();
  reader.end();
  return list;
}

Result<std::vector<MetricValue>> parse_metric_values(std::string_view json) {
  std::vector<MetricValue> values;
  const Status read = read_list(json, {"MetricValueList", "ExternalMetricValueList"},
                                [&](JsonCursor& at) { read_item(at, values.emplace_back()); });
  if (!read) return read.error();
  return values;
}

}  // namespace autoscaler
