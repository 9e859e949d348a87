#pragma once

#include "controller/backtest/markdown_table.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace autoscaler {

// What was measured beside what it must be: a row for each question, a column for each lead or
// horizon.
class JudgedTable {
 public:
  struct Measured {
    double value = 0;
    std::string text;  // as it is shown
  };
  using Measure = std::function<std::optional<Measured>(int64_t column)>;
  // By column the largest value that is good; a column without one is shown and not judged.
  using Most = std::map<int64_t, double>;

  // `columns`: each with its heading. `judges`: false shows the numbers alone.
  JudgedTable(const std::string& subject, std::vector<std::pair<int64_t, std::string>> columns,
              bool judges);
  // `must`: the same as `most` for a reader. `none` is shown, and is not good, where there is
  // nothing to measure.
  void add(const std::string& what, const std::string& must, const Most& most,
           const Measure& measure, const std::string& none = "");
  std::string text() const { return table_.text(); }

 private:
  const std::vector<std::pair<int64_t, std::string>> columns_;
  const bool judges_;
  MarkdownTable table_;
};

}  // namespace autoscaler
