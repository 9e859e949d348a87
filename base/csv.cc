#include "base/csv.h"

#include <algorithm>

namespace autoscaler {
namespace {

using Row = std::vector<std::string>;

Error invalid(size_t row, const std::string& what) {
  return {Code::kInvalid, "CSV row " + std::to_string(row) + ": " + what};
}

// Takes the next row off the front of `text` into `row`. Returns false on an open quote.
bool take_row(std::string_view& text, Row& row) {
  row.assign(1, "");
  bool quoted = false;
  size_t i = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    const bool doubled = quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"';
    if (doubled) {
      row.back() += '"';
      ++i;
    } else if (c == '"' && (quoted || row.back().empty())) {
      quoted = !quoted;
    } else if (quoted) {
      row.back() += c;
    } else if (c == ',') {
      row.emplace_back();
    } else if (c == '\n') {
      ++i;
      break;
    } else if (c != '\r') {
      row.back() += c;
    }
  }
  text.remove_prefix(i);
  return !quoted;
}

}  // namespace

Result<std::vector<Row>> read_csv(std::string_view text, std::span<const std::string_view> wanted) {
  Row row;
  if (!take_row(text, row)) return invalid(1, "a quote is never closed");
  const size_t width = row.size();
  std::vector<size_t> columns;
  for (const std::string_view name : wanted) {
    const auto found = std::find(row.begin(), row.end(), name);
    if (found == row.end()) return invalid(1, "there is no column '" + std::string(name) + "'");
    columns.push_back(static_cast<size_t>(found - row.begin()));
  }

  std::vector<Row> rows;
  for (size_t number = 2; !text.empty(); ++number) {
    if (!take_row(text, row)) return invalid(number, "a quote is never closed");
    if (row.size() == 1 && row.front().empty()) continue;
    if (row.size() != width) {
      return invalid(number, std::to_string(row.size()) + " fields, where the header has " +
                                 std::to_string(width));
    }
    Row& kept = rows.emplace_back();
    for (const size_t column : columns) kept.push_back(std::move(row[column]));
  }
  return rows;
}

}  // namespace autoscaler
