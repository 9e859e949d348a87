#include "controller/backtest/trace.h"

#include "base/csv.h"
#include "metrics/instant.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>

namespace autoscaler {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
// The year 5138 in seconds, 1973 in milliseconds: what is larger counts in a finer unit.
constexpr double kLargestSeconds = 1e11;
// As nanoseconds they still fit 64 bits.
constexpr double kLargestStamp = 9e18;

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::string lower(std::string_view text) {
  std::string small(text);
  std::transform(small.begin(), small.end(), small.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return small;
}

std::optional<double> number_of(std::string_view text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

// Unix seconds; what is finer is cut off.
std::optional<int64_t> stamp_of(std::string_view text) {
  if (auto number = number_of(text)) {
    if (!(*number >= 0 && *number <= kLargestStamp)) return std::nullopt;
    while (*number >= kLargestSeconds) *number /= 1000;
    return static_cast<int64_t>(*number);
  }
  std::string date(text);  // 2026-11-22 10:00:00 is UTC
  if (date.size() > 10 && date[10] == ' ') date[10] = 'T';
  auto instant = parse_instant(date);
  if (!instant) instant = parse_instant(date + "Z");
  if (!instant) return std::nullopt;
  const int64_t at_s =
      std::chrono::floor<std::chrono::seconds>(instant->time_since_epoch()).count();
  return at_s >= 0 ? std::optional(at_s) : std::nullopt;
}

// NaN: it is not known; nullopt: it is no load.
std::optional<double> load_of(std::string_view text) {
  const std::string word = lower(text);
  for (const char* none : {"", "null", "none", "na", "n/a"}) {
    if (word == none) return kUnknown;
  }
  const auto number = number_of(word);
  if (!number || *number < 0 || std::isinf(*number)) return std::nullopt;
  return number;
}

std::optional<size_t> column_of(const CsvReader& reader, std::string_view name) {
  for (size_t i = 0; i < reader.names().size(); ++i) {
    if (lower(trimmed(reader.names()[i])) == name) return i;
  }
  return std::nullopt;
}

// One row for each second, in their order.
void put_in_order(const std::string& file, Trace& trace) {
  auto& rows = trace.rows;
  const auto earlier = [](const Trace::Row& a, const Trace::Row& b) { return a.at_s < b.at_s; };
  if (!std::is_sorted(rows.begin(), rows.end(), earlier)) {
    std::stable_sort(rows.begin(), rows.end(), earlier);
    trace.notes.push_back(file + ": its rows were not in the order of time, and are sorted");
  }
  std::vector<Trace::Row> merged;
  for (size_t i = 0; i < rows.size();) {
    const int64_t at_s = rows[i].at_s;
    double sum = 0;
    int known = 0;
    for (; i < rows.size() && rows[i].at_s == at_s; ++i) {
      if (std::isnan(rows[i].value)) continue;
      sum += rows[i].value;
      ++known;
    }
    merged.push_back({at_s, known > 0 ? sum / known : kUnknown});
  }
  if (merged.size() < rows.size()) {
    trace.notes.push_back(file + ": " + std::to_string(rows.size() - merged.size()) +
                          " rows have the timestamp of another: their mean counts");
  }
  rows = std::move(merged);
}

int64_t median_distance(const std::vector<Trace::Row>& rows) {
  std::vector<int64_t> distances;
  for (size_t i = 1; i < rows.size(); ++i) distances.push_back(rows[i].at_s - rows[i - 1].at_s);
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>((distances.size() - 1) / 2);
  std::nth_element(distances.begin(), middle, distances.end());
  return *middle;
}

}  // namespace

Result<Trace> parse_trace(const std::string& file, std::string_view csv) {
  const auto invalid = [&file](size_t line, const std::string& what) {
    return Error{Code::kInvalid, file + ":" + std::to_string(line) + ": " + what};
  };
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (csv.starts_with(kByteOrderMark)) csv.remove_prefix(kByteOrderMark.size());
  auto reader = CsvReader::open(csv);
  if (!reader) return Error{Code::kInvalid, file + ": " + reader.error().message};
  const auto at = column_of(*reader, "timestamp");
  const auto value = column_of(*reader, "value");
  if (!at || !value) return invalid(1, "the first row must name 'timestamp' and 'value'");

  Trace trace{.name = std::filesystem::path(file).stem().string(), .rows = {}, .notes = {}};
  CsvReader::Row fields;
  while (true) {
    const auto more = reader->next(fields);
    if (!more) return Error{Code::kInvalid, file + ": " + more.error().message};
    if (!*more) break;
    const auto at_s = stamp_of(trimmed(fields[*at]));
    if (!at_s) {
      return invalid(reader->line(),
                     "timestamp: '" + fields[*at] +
                         "' is none; write unix seconds, or a date such as 2026-11-22T10:00:00Z");
    }
    const auto load = load_of(trimmed(fields[*value]));
    if (!load) {
      return invalid(reader->line(), "value: '" + fields[*value] +
                                         "' is no load; write a number from 0 up, or nothing "
                                         "where none is known");
    }
    trace.rows.push_back({*at_s, *load});
  }
  put_in_order(file, trace);
  if (trace.rows.size() > 1) trace.step_s = median_distance(trace.rows);
  std::erase_if(trace.rows, [](const Trace::Row& row) { return std::isnan(row.value); });
  if (trace.rows.size() < 2) return invalid(reader->line(), "needs two rows with a value at least");
  return trace;
}

Result<Trace> read_trace(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::error_code none;
  if (!in || std::filesystem::is_directory(file, none)) {
    return Error{Code::kNotFound, file + ": cannot be read, or is no file"};
  }
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  return parse_trace(file, text);
}

double quantile_of(std::vector<double> values, double of_all) {
  const auto last = static_cast<double>(values.size() - 1);
  const auto rank = static_cast<size_t>(std::ceil(of_all * last));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(rank),
                   values.end());
  return values[rank];
}

double value_at(const Trace& trace, double at_s, size_t& cursor) {
  const auto& rows = trace.rows;
  while (cursor + 1 < rows.size() && static_cast<double>(rows[cursor + 1].at_s) <= at_s) ++cursor;
  const Trace::Row& from = rows[cursor];
  const auto begin = static_cast<double>(from.at_s);
  if (cursor + 1 == rows.size() || at_s <= begin) return from.value;
  const Trace::Row& to = rows[cursor + 1];
  return from.value +
         (to.value - from.value) * (at_s - begin) / (static_cast<double>(to.at_s) - begin);
}

bool is_recorded(const Trace& trace, int64_t at_s, size_t& cursor) {
  const auto& rows = trace.rows;
  while (cursor + 1 < rows.size() && rows[cursor + 1].at_s <= at_s) ++cursor;
  if (at_s < rows[cursor].at_s + trace.step_s) return true;
  if (cursor + 1 == rows.size()) return false;
  return 2 * (rows[cursor + 1].at_s - rows[cursor].at_s) <= 3 * trace.step_s;
}

}  // namespace autoscaler
