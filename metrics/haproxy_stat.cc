#include "metrics/haproxy_stat.h"

#include "metrics/utf8.h"

#include <algorithm>
#include <charconv>
#include <span>

namespace autoscaler {
namespace {

using Row = std::vector<std::string>;

// Takes one row off the front of `csv`: fields each end with a comma, in quotes where they hold a
// comma, a quote (doubled) or a newline. false: the text ends inside the row.
bool take_row(std::string_view& csv, Row& row, size_t& newlines) {
  row.clear();
  std::string field;
  bool quoted = false;
  for (size_t i = 0; i < csv.size(); ++i) {
    const char c = csv[i];
    if (c == '\n') ++newlines;
    if (quoted) {
      if (c != '"') {
        field += c;
      } else if (i + 1 < csv.size() && csv[i + 1] == '"') {
        field += csv[++i];
      } else {
        quoted = false;
      }
    } else if (c == '"' && field.empty()) {
      quoted = true;
    } else if (c == ',') {
      row.push_back(std::move(field));
      field.clear();
    } else if (c == '\n') {
      if (!field.empty()) row.push_back(std::move(field));
      csv.remove_prefix(i + 1);
      return true;
    } else {
      field += c;
    }
  }
  return false;
}

std::string quote_start(std::string_view text) {
  const std::string_view line = text.substr(0, std::min(text.find('\n'), size_t{80}));
  return is_utf8(line) ? "'" + std::string(line) + "'" : "bytes that are no text";
}

class Columns {
 public:
  explicit Columns(Row names) : names_(std::move(names)) {}

  size_t count() const { return names_.size(); }

  // nullptr: there is no such column.
  const std::string* text(const Row& row, std::string_view name) const {
    const auto found = std::find(names_.begin(), names_.end(), name);
    return found == names_.end() ? nullptr : &row[static_cast<size_t>(found - names_.begin())];
  }

  Result<std::optional<double>> number(const Row& row, std::string_view name) const {
    const std::string* field = text(row, name);
    if (field == nullptr || field->empty()) return std::optional<double>();
    uint64_t value = 0;
    const char* const end = field->data() + field->size();
    const auto [stop, error] = std::from_chars(field->data(), end, value);
    if (error == std::errc() && stop == end) return std::optional(static_cast<double>(value));
    return Error{Code::kInvalid, "column " + std::string(name) + ": expected a whole number"};
  }

 private:
  Row names_;
};

Status read_numbers(const Columns& columns, const Row& row, HaproxyBackendStat& stat) {
  struct Wanted {
    const char* column;
    std::optional<double>* into;
  };
  const Wanted wanted[] = {{"req_tot", &stat.requests},
                           {"qcur", &stat.queued},
                           {"scur", &stat.sessions},
                           {"rtime", &stat.response_time_ms},
                           {"hrsp_5xx", &stat.responses_5xx}};
  for (const Wanted& number : wanted) {
    Result<std::optional<double>> value = columns.number(row, number.column);
    if (!value.ok()) return value.error();
    *number.into = *value;
  }
  double responses = 0;
  for (const char* column :
       {"hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx", "hrsp_5xx", "hrsp_other"}) {
    Result<std::optional<double>> value = columns.number(row, column);
    if (!value.ok()) return value.error();
    if (!*value) return Done{};
    responses += **value;
  }
  stat.responses = responses;
  return Done{};
}

}  // namespace

Result<std::vector<HaproxyBackendStat>> parse_haproxy_stat(std::string_view csv) {
  if (!csv.starts_with("# pxname,svname,")) {
    return Error{Code::kInvalid, "expected the header of 'show stat', found " + quote_start(csv)};
  }
  csv.remove_prefix(2);
  size_t line = 1;
  const auto invalid = [&line](const std::string& what) {
    return Error{Code::kInvalid, "line " + std::to_string(line) + ": " + what};
  };
  size_t newlines = 0;
  Row row;
  if (!take_row(csv, row, newlines)) return invalid("the header is cut short");
  const Columns columns(row);

  std::vector<HaproxyBackendStat> backends;
  while (true) {
    line += newlines;
    newlines = 0;
    if (!take_row(csv, row, newlines)) return invalid("the answer is cut short");
    if (row.empty()) return backends;  // an empty line ends the answer
    if (row.size() < columns.count()) {
      return invalid(std::to_string(row.size()) + " fields where the header has " +
                     std::to_string(columns.count()));
    }
    if (*columns.text(row, "svname") != "BACKEND") continue;
    HaproxyBackendStat stat;
    stat.name = *columns.text(row, "pxname");
    if (Status read = read_numbers(columns, row, stat); !read.ok()) {
      return invalid("backend " + stat.name + ", " + read.error().message);
    }
    backends.push_back(std::move(stat));
  }
}

}  // namespace autoscaler
