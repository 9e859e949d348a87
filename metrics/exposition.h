#pragma once

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace autoscaler {

enum class ExpositionFormat {
  kPrometheusText,  // 0.0.4, and 1.0.0, which adds quoted names
  kOpenMetrics,     // 1.0, with the same quoted names
};

// What a Content-Type announces. Whatever is not OpenMetrics counts as Prometheus text, also an
// absent type: a page that is neither fails on its first line.
ExpositionFormat exposition_format(std::string_view content_type);

// The header of a scrape. Prometheus text first: there a counter has the name that its service gave
// it, and no _created series beside it. "allow-utf-8": names come as they are, not spelt with
// underscores. Who knows no such text sends what it has: 0.0.4, or OpenMetrics. Not longer than it
// must be: libcurl 7.88 writes a request byte by byte, some 100 instructions each.
inline constexpr char kAcceptExposition[] =
    "Accept: text/plain;version=1.0.0;escaping=allow-utf-8,*/*;q=0.5";

// One label of a line.
struct ExpositionLabel {
  std::string_view name;
  std::string_view raw;  // between the quotes, as written
  bool escaped = false;  // `raw` holds at least one backslash
};

// The label's value with its escapes resolved. `scratch` holds it where there were any.
std::string_view label_value(const ExpositionLabel& label, std::string& scratch);

struct ExpositionSample {
  std::string_view name;
  std::string_view label_text;  // between the braces, as written; empty where there are none
  std::span<const ExpositionLabel> labels;
  double value = 0;
  std::optional<int64_t> timestamp_ms;  // since 1970; any int64
};

class ExpositionVisitor {
 public:
  virtual ~ExpositionVisitor() = default;
  // Asked once for each run of lines with the same name. Unwanted lines are skipped.
  virtual bool wants(std::string_view name) = 0;
  // The views live until parse_exposition returns, `sample.labels` until this call does.
  virtual void sample(const ExpositionSample& sample) = 0;
};

// Reads a page without allocating for each line. docs/exposition.md has the rules of both formats,
// and what is looked at of an unwanted line.
//
// Strict, because a page that is read wrongly scales a service wrongly: the first broken line is
// an Error{kInvalid} with its number and what was expected ("line 12: expected a value, found the
// end of the line"). The lines before it have been visited by then, so a visitor commits what it
// gathered only once this has returned success.
Status parse_exposition(std::string_view page, ExpositionVisitor& visitor,
                        ExpositionFormat format = ExpositionFormat::kPrometheusText);

}  // namespace autoscaler
