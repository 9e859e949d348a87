#include "controller/config/metric_names.h"

#include <re2/re2.h>

namespace autoscaler {
namespace {

// Any UTF-8, as pages quote it, but for what tells of PromQL in the place of a name.
constexpr const char* kAnyName = "^[^\\x00-\\x20\\x7f\"'`(){}\\[\\]\\\\,]+$";
constexpr Grammar kMetricName = {"the name of a metric, as it stands on the page", kAnyName};
constexpr Grammar kLabelName = {"the name of a label, as it stands on the page", kAnyName};
constexpr size_t kLongestPattern = 200;

ScalarRule<std::string> label_pattern() {
  ScalarRule<std::string> rule = any_text("a regular expression that matches the whole label");
  rule.parse = [parse = rule.parse](const Node& node) -> Result<std::string> {
    auto text = parse(node);
    if (!text.ok()) return text;
    if (text->size() > kLongestPattern) {
      return Error{Code::kInvalid, "it is longer than 200 characters"};
    }
    re2::RE2::Options options(re2::RE2::Quiet);
    options.set_max_mem(kMostPatternBytes);
    const re2::RE2 compiled(*text, options);
    if (!compiled.ok()) {
      return Error{Code::kInvalid,
                   std::string("it is not a regular expression (") + compiled.error() + ")"};
    }
    return text;
  };
  return rule;
}

}  // namespace

ScalarRule<std::string> metric_name() {
  ScalarRule<std::string> rule = name(kMetricName);
  rule.parse = [parse = rule.parse](const Node& node) -> Result<std::string> {
    if (node.text.find('{') != std::string::npos) {
      return Error{Code::kInvalid, "labels go beside it, as in matching: {code: \"5..\"}"};
    }
    return parse(node);
  };
  return rule;
}

ScalarRule<std::string> family_name() {
  ScalarRule<std::string> rule = metric_name();
  rule.parse = [parse = rule.parse](const Node& node) -> Result<std::string> {
    for (const char* part : {"_bucket", "_count", "_sum"}) {
      if (!node.text.ends_with(part)) continue;
      return Error{Code::kInvalid,
                   "it is one part of a histogram: leave " + std::string(part) + " away"};
    }
    return parse(node);
  };
  return rule;
}

Shape label_matchers(std::vector<LabelMatcher>& to) {
  return map_of(kLabelName, [&to](const std::string& label) {
    to.push_back(LabelMatcher{label, ""});
    return scalar(to.back().pattern, label_pattern());
  });
}

}  // namespace autoscaler
