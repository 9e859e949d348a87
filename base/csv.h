#pragma once

#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autoscaler {

// Reads CSV whose first row names its columns, quoted as in RFC 4180 (commas, newlines and doubled
// quotes inside). Empty lines are skipped.
class CsvReader {
 public:
  using Row = std::vector<std::string>;

  // Reads the header. The text outlives the reader. Errors: as those of next().
  static Result<CsvReader> open(std::string_view text);

  const Row& names() const { return names_; }
  // Where a column stands in each row; nullopt: there is none of this name.
  std::optional<size_t> column(std::string_view name) const;
  // Reads the next row, of as many fields as the header; false after the last.
  // Errors: kInvalid with the line, for another number of fields or a quote that is never closed.
  Result<bool> next(Row& row);
  // Where the last row begins, 1-based.
  size_t line() const { return line_; }

 private:
  explicit CsvReader(std::string_view text) : rest_(text) {}
  Status take(Row& row);

  std::string_view rest_;
  Row names_;
  size_t line_ = 0;
  size_t next_line_ = 1;
};

}  // namespace autoscaler
