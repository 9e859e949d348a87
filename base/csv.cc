#include "base/csv.h"

#include <algorithm>

namespace autoscaler {
namespace {

Error invalid(size_t line, const std::string& what) {
  return {Code::kInvalid, "line " + std::to_string(line) + ": " + what};
}

}  // namespace

Result<CsvReader> CsvReader::open(std::string_view text) {
  CsvReader reader(text);
  if (const Status taken = reader.take(reader.names_); !taken) return taken.error();
  return reader;
}

std::optional<size_t> CsvReader::column(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) return std::nullopt;
  return static_cast<size_t>(found - names_.begin());
}

Result<bool> CsvReader::next(Row& row) {
  do {
    if (rest_.empty()) return false;
    if (const Status taken = take(row); !taken) return taken.error();
  } while (row.size() == 1 && row.front().empty());
  if (row.size() == names_.size()) return true;
  return invalid(line_, std::to_string(row.size()) + " fields where the header has " +
                            std::to_string(names_.size()));
}

Status CsvReader::take(Row& row) {
  line_ = next_line_;
  row.assign(1, "");
  bool quoted = false;
  size_t i = 0;
  for (; i < rest_.size(); ++i) {
    const char c = rest_[i];
    if (c == '\n') ++next_line_;
    if (c == '"' && quoted && i + 1 < rest_.size() && rest_[i + 1] == '"') {
      row.back() += rest_[++i];
    } else if (c == '"' && (quoted || row.back().empty())) {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      row.emplace_back();
    } else if (c == '\n' && !quoted) {
      ++i;
      break;
    } else if (c != '\r' || quoted) {
      row.back() += c;
    }
  }
  rest_.remove_prefix(i);
  if (quoted) return invalid(line_, "a quote is never closed");
  return Done{};
}

}  // namespace autoscaler
