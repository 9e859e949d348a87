#include "metrics/kubernetes_reply.h"

#include "metrics/instant.h"
#include "metrics/json_cursor.h"
#include "metrics/quantity.h"

#include <algorithm>
#include <initializer_list>

namespace autoscaler {
namespace {

// An item is seldom shorter: of thousands the list is made once, and not copied while it grows.
constexpr size_t kItemBytes = 256;
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
  const Result<Duration> seconds = parse_go_duration(std::string(text) + "s");
  const bool fits = seconds.ok() && *seconds >= Duration{0} &&
                    *seconds <= std::chrono::seconds(kLongestWindowSeconds);
  if (fits) return seconds;
  return Error{Code::kInvalid, "\"" + std::string(text) + "\" is no number of seconds"};
}

void read_container(JsonCursor& json, PodUsage::Container& container) {
  json.object([&](std::string_view key) {
    if (key == "name") return take_text(json, container.name);
    if (key != "usage") return json.skip();
    json.object([&](std::string_view resource) {
      std::optional<int64_t> milli;
      take(json, "containers/*/usage", parse_milli_quantity, milli);
      if (milli) container.usage.emplace_back(resource, *milli);
    });
  });
}

void read_item(JsonCursor& json, PodUsage& pod) {
  json.object([&](std::string_view key) {
    if (key == "metadata") return take_name(json, pod.pod);
    if (key == "timestamp") return take(json, "timestamp", parse_instant, pod.at);
    if (key == "window") return take(json, "window", parse_go_duration, pod.window);
    if (key != "containers") return json.skip();
    json.array([&] { read_container(json, pod.containers.emplace_back()); });
  });
}

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

template <typename Item>
Result<std::vector<Item>> parse(std::string_view text, std::initializer_list<const char*> kinds) {
  JsonCursor json(text);
  std::vector<Item> items;
  std::string kind;
  json.object([&](std::string_view key) {
    if (key == "kind") return take_text(json, kind);
    if (key != "items") return json.skip();
    items.reserve(text.size() / kItemBytes);
    json.array([&] { read_item(json, items.emplace_back()); });
  });
  if (Status read = json.end(); !read) return read.error();
  if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) return items;
  return Error{Code::kInvalid, std::string("the answer is no ") + *kinds.begin()};
}

}  // namespace

Result<std::vector<PodUsage>> parse_pod_metrics(std::string_view json) {
  return parse<PodUsage>(json, {"PodMetricsList"});
}

Result<std::vector<MetricValue>> parse_metric_values(std::string_view json) {
  return parse<MetricValue>(json, {"MetricValueList", "ExternalMetricValueList"});
}

}  // namespace autoscaler
