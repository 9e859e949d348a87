#include "controller/backtest/markdown_table.h"

#include <algorithm>

namespace autoscaler {

std::string MarkdownTable::text() const {
  std::vector<size_t> widths(rows_.front().size(), 3);  // of the rule below the header: ---
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      text += "| " + row[i] + std::string(widths[i] - row[i].size(), ' ') + ' ';
    }
    text += "|\n";
    if (&row != &rows_.front()) continue;
    for (const size_t width : widths) text += '|' + std::string(width + 2, '-');
    text += "|\n";
  }
  return text;
}

}  // namespace autoscaler
