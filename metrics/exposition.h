#pragma once

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace autoscaler {

// One label of a line. The views point into the page.
struct ExpositionLabel {
  std::string_view name;
  std::string_view raw;  // between the quotes, as written
  bool escaped = false;  // `raw` holds at least one of \\ \" \n
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

// Reads a page in the Prometheus text format 0.0.4, without allocating for each line.
//
// Strict, because a page that is read wrongly scales a service wrongly: the first broken line is
// an Error{kInvalid} with its number and what was expected ("line 12: expected a value, found the
// end of the line"). The lines before it have been visited by then, so a visitor commits what it
// gathered only once this has returned success.
//
// Where the format leaves room, or its readers differ:
// - Lines end with \n alone; \r\n is refused. The last line needs its \n too: without one a page
//   that was cut inside a number would read as another number.
// - Values are decimal, with exponent; NaN, Inf and Infinity in any case, Inf with a sign. No
//   hexadecimal floats. What does not fit a double is an error.
// - Label values are valid UTF-8, their escapes \\ \" \n only; a label occurs once, 64 at most.
// - Of an unwanted line only the name and what follows it are looked at.
// - Rules across lines (one TYPE, before its samples; families in one block; no series twice) are
//   the visitor's, if it depends on them.
Status parse_exposition(std::string_view page, ExpositionVisitor& visitor);

}  // namespace autoscaler
