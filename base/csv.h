#pragma once

#include "base/result.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace autoscaler {

// Reads CSV whose first row names its columns, quotes as RFC 4180 has them (commas, newlines and
// doubled quotes inside). Empty lines are skipped. Each row of the answer holds the `wanted`
// columns, in that order; the others are not kept.
// Errors: kInvalid with the row, 1-based, where a column is missing, a row has another number of
// fields than the header, or a quote is never closed.
Result<std::vector<std::vector<std::string>>> read_csv(std::string_view text,
                                                       std::span<const std::string_view> wanted);

}  // namespace autoscaler
