#include "metrics/target_file.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace autoscaler {
namespace {

using nlohmann::json;

constexpr size_t kLargestFile = 4u << 20;
constexpr size_t kMostTargets = 10'000;

// What a list may not hold: without it an address is one host and port, and nothing else of a URL.
bool is_address(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c > ' ' && c < 0x7f && std::string_view("/?#@\\\"'<>").find(c) == std::string_view::npos;
  });
}

bool is_path(const std::string& text) {
  return text.starts_with('/') &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > ' ' && c < 0x7f; });
}

Error invalid(const std::string& where, const std::string& what) {
  return {Code::kInvalid, where + ": " + what};
}

// The labels that shape the URL.
struct Shape {
  std::string scheme = "http";
  std::string path = "/metrics";
};

Result<Shape> shape_of(const json& group, const std::string& where) {
  Shape shape;
  const auto labels = group.find("labels");
  if (labels == group.end() || labels->is_null()) return shape;
  if (!labels->is_object()) return invalid(where + ".labels", "expected an object");
  for (const auto& [name, value] : labels->items()) {
    if (!value.is_string()) return invalid(where + ".labels." + name, "expected a text");
    if (name == "__scheme__") shape.scheme = value.get<std::string>();
    if (name == "__metrics_path__") shape.path = value.get<std::string>();
  }
  if (shape.scheme != "http" && shape.scheme != "https") {
    return invalid(where + ".labels.__scheme__", "expected http or https");
  }
  if (!is_path(shape.path)) {
    return invalid(where + ".labels.__metrics_path__", "expected a path that starts with /");
  }
  return shape;
}

Status add_group(const json& group, const std::string& where, std::vector<std::string>& urls) {
  if (!group.is_object()) return invalid(where, "expected an object with targets");
  const auto targets = group.find("targets");
  if (targets == group.end() || !targets->is_array()) {
    return invalid(where + ".targets", "expected a list of addresses");
  }
  const Result<Shape> shape = shape_of(group, where);
  if (!shape) return shape.error();
  for (size_t i = 0; i < targets->size(); ++i) {
    const json& target = (*targets)[i];
    if (!target.is_string() || !is_address(target.get<std::string>())) {
      return invalid(where + ".targets[" + std::to_string(i) + "]",
                     "expected an address such as 10.0.0.7:9100");
    }
    urls.push_back(shape->scheme + "://" + target.get<std::string>() + shape->path);
  }
  return Done{};
}

}  // namespace

Result<std::vector<std::string>> parse_target_file(std::string_view text) {
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) return Error{Code::kInvalid, "it is no JSON"};
  if (!document.is_array()) return Error{Code::kInvalid, "expected a list of groups of targets"};
  std::vector<std::string> urls;
  for (size_t i = 0; i < document.size(); ++i) {
    const Status added = add_group(document[i], "[" + std::to_string(i) + "]", urls);
    if (!added) return added.error();
  }
  std::sort(urls.begin(), urls.end());
  urls.erase(std::unique(urls.begin(), urls.end()), urls.end());
  if (urls.size() > kMostTargets) {
    return Error{Code::kTooLarge, "it holds " + std::to_string(urls.size()) + " targets, " +
                                      std::to_string(kMostTargets) + " at most"};
  }
  return urls;
}

TargetFile::TargetFile(std::string path) : file_(std::move(path), kLargestFile) {}

void TargetFile::refresh() {
  const Result<std::optional<std::string>> text = file_.changed();
  if (!text) {
    problem_ = text.error();
    return;
  }
  if (!*text) return;
  Result<std::vector<std::string>> urls = parse_target_file(**text);
  if (!urls) {
    problem_ = Error{urls.error().code, file_.path() + ": " + urls.error().message};
    return;
  }
  urls_ = *std::move(urls);
  problem_.reset();
}

}  // namespace autoscaler
