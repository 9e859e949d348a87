#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace autoscaler {

// Recorded load: `value` from `timestamp` (UTC, start of the step) on. Missing rows are gaps, zeros
// are zeros.
struct Trace {
  struct Row {
    int64_t at_s = 0;  // unix seconds
    double value = 0;
  };
  std::string name;                // of the file, without its folder and ending
  int64_t step_s = 60;             // the median distance between two rows, the lower of two
  std::vector<Row> rows;           // ascending
  std::vector<std::string> notes;  // what had to be put right while it was read, for a person
};

// Reads CSV with the columns `timestamp` and `value`, whatever the case, with a byte order mark and
// other columns beside them. Timestamps are unix seconds, or finer units where they are too large
// for those, or a date and time such as 2026-11-22T10:00:00Z (UTC where no offset is named). No
// value (empty, NaN, null, NA) is a gap. Rows in another order are sorted, of rows with the same
// second the mean counts; both are noted. kInvalid names `file`, the line and the remedy.
Result<Trace> parse_trace(const std::string& file, std::string_view csv);
Result<Trace> read_trace(const std::string& file);

// The value below which a share `of_all` of the values lies.
double quantile_of(std::vector<double> values, double of_all);

// The value at a moment, linear between rows; before the first and after the last row theirs.
// `cursor` is an index into the rows that only moves forward: moments are asked in ascending order.
double value_at(const Trace& trace, double at_s, size_t& cursor);

// Whether a row stands for this moment: each does for a step, and until the next row where that
// comes within one and a half, so that rows may come late. The rest is a gap. `cursor`: as above.
bool is_recorded(const Trace& trace, int64_t at_s, size_t& cursor);

}  // namespace autoscaler
