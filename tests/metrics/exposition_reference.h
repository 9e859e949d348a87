#pragma once

#include "tests/metrics/page_lines.h"

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace autoscaler {

struct ReferencePage {
  std::vector<PageLines::Line> lines;  // those before the broken one
  std::optional<size_t> broken_line;   // from 1
};

// The exposition formats once more, slow and obvious: one regular expression for each kind of line,
// strtod, std::string. The parser must agree with it about every page.
ReferencePage read_slowly(std::string_view page, ExpositionFormat format,
                          const std::function<bool(std::string_view)>& wanted);

// Stops the process where parse_exposition says anything else about the page.
void check_against_reference(std::string_view page, ExpositionFormat format,
                             const std::function<bool(std::string_view)>& wanted);

}  // namespace autoscaler
