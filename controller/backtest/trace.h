#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace autoscaler {

// Recorded load: `value` from `timestamp` (unix seconds, UTC, start of the step) on. Missing rows
// are gaps, zeros are zeros.
struct Trace {
  struct Row {
    int64_t at_s = 0;
    double value = 0;
  };
  std::string name;     // of the file, without its folder and ending
  int64_t step_s = 60;  // the smallest distance between two rows
  std::vector<Row> rows;
};

// Reads CSV with the columns `timestamp` and `value`. kInvalid names the line: not a number, below
// zero, timestamps that do not ascend; fewer than two rows.
Result<Trace> parse_trace(std::string name, std::string_view csv);
Result<Trace> read_trace(const std::string& file);

// The value below which a share `of_all` of the values lies.
double quantile_of(std::vector<double> values, double of_all);

// The value at a moment, linear between rows; before the first and after the last row theirs.
// `cursor` is an index into the rows that only moves forward: moments are asked in ascending order.
double value_at(const Trace& trace, double at_s, size_t& cursor);

}  // namespace autoscaler
