#include "metrics/series_filter.h"

#include <re2/re2.h>

#include <algorithm>

namespace autoscaler {
namespace {

// Linear in the text whatever the pattern: label values come from the network, and a backtracking
// matcher could be made to run for ever or out of stack by one of them.
bool full_match(const re2::RE2& pattern, std::string_view text) {
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

}  // namespace

Result<SeriesFilter> SeriesFilter::compile(const std::vector<LabelMatcher>& matchers) {
  SeriesFilter filter;
  for (const LabelMatcher& matcher : matchers) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kMostPatternBytes);
    auto pattern = std::make_shared<const re2::RE2>(matcher.pattern, options);
    if (!pattern->ok()) {
      return Error{Code::kInvalid, "label " + matcher.label + ": /" + matcher.pattern +
                                       "/ is no regular expression: " + pattern->error()};
    }
    filter.compiled_.push_back({matcher.label, std::move(pattern)});
  }
  return filter;
}

bool SeriesFilter::matches(const ExpositionSample& sample) const {
  std::string scratch;
  return std::all_of(compiled_.begin(), compiled_.end(), [&](const Compiled& wanted) {
    const auto label =
        std::find_if(sample.labels.begin(), sample.labels.end(),
                     [&](const ExpositionLabel& l) { return l.name == wanted.label; });
    const bool absent = label == sample.labels.end();
    return full_match(*wanted.pattern, absent ? std::string_view() : label_value(*label, scratch));
  });
}

}  // namespace autoscaler
