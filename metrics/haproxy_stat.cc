#include "metrics/haproxy_stat.h"

#include "base/csv.h"
#include "metrics/utf8.h"

#include <algorithm>
#include <charconv>

namespace autoscaler {
namespace {

std::string quote_start(std::string_view text) {
  const std::string_view line = text.substr(0, std::min(text.find('\n'), size_t{80}));
  return is_utf8(line) ? "'" + std::string(line) + "'" : "bytes that are no text";
}

// nullopt: there is no such column, or nothing in it.
Result<std::optional<double>> number(const CsvReader& table, const CsvReader::Row& row,
                                     std::string_view name) {
  const std::optional<size_t> column = table.column(name);
  if (!column || row[*column].empty()) return std::optional<double>();
  const std::string& field = row[*column];
  uint64_t value = 0;
  const char* const end = field.data() + field.size();
  const auto [stop, error] = std::from_chars(field.data(), end, value);
  if (error == std::errc() && stop == end) return std::optional(static_cast<double>(value));
  return Error{Code::kInvalid, "column " + std::string(name) + ": expected a whole number"};
}

Status read_numbers(const CsvReader& table, const CsvReader::Row& row, HaproxyBackendStat& stat) {
  struct Wanted {
    const char* column;
    std::optional<double>* into;
  };
  const Wanted wanted[] = {{"req_tot", &stat.requests},
                           {"qcur", &stat.queued},
                           {"scur", &stat.sessions},
                           {"rtime", &stat.response_time_ms},
                           {"hrsp_5xx", &stat.responses_5xx}};
  for (const Wanted& each : wanted) {
    Result<std::optional<double>> value = number(table, row, each.column);
    if (!value.ok()) return value.error();
    *each.into = *value;
  }
  double responses = 0;
  for (const char* column :
       {"hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx", "hrsp_5xx", "hrsp_other"}) {
    Result<std::optional<double>> value = number(table, row, column);
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
  if (!csv.ends_with("\n\n")) return Error{Code::kInvalid, "the answer is cut short"};
  auto table = CsvReader::open(csv.substr(2));
  if (!table.ok()) return table.error();
  const std::optional<size_t> backend = table->column("pxname");
  const std::optional<size_t> server = table->column("svname");

  std::vector<HaproxyBackendStat> backends;
  CsvReader::Row row;
  while (true) {
    const Result<bool> read = table->next(row);
    if (!read.ok()) return read.error();
    if (!*read) return backends;
    if (row[*server] != "BACKEND") continue;
    HaproxyBackendStat stat;
    stat.name = row[*backend];
    if (const Status numbers = read_numbers(*table, row, stat); !numbers.ok()) {
      return Error{Code::kInvalid, "line " + std::to_string(table->line()) + ": backend " +
                                       stat.name + ", " + numbers.error().message};
    }
    backends.push_back(std::move(stat));
  }
}

}  // namespace autoscaler
