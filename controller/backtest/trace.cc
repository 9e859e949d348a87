#include "controller/backtest/trace.h"

#include "base/csv.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace autoscaler {
namespace {

template <typename Number>
bool read(const std::string& text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end;
}

Error invalid(const std::string& name, size_t line, const std::string& what) {
  return Error{Code::kInvalid, name + ":" + std::to_string(line) + ": " + what};
}

}  // namespace

Result<Trace> parse_trace(std::string name, std::string_view csv) {
  auto reader = CsvReader::open(csv);
  if (!reader) return Error{Code::kInvalid, name + ": " + reader.error().message};
  const auto at = reader->column("timestamp");
  const auto value = reader->column("value");
  if (!at || !value) return invalid(name, 1, "the first row must name 'timestamp' and 'value'");

  Trace trace{.name = std::move(name), .step_s = 0, .rows = {}};
  CsvReader::Row fields;
  while (true) {
    const auto more = reader->next(fields);
    if (!more) return Error{Code::kInvalid, trace.name + ": " + more.error().message};
    if (!*more) break;
    Trace::Row row;
    if (!read(fields[*at], row.at_s) || row.at_s < 0) {
      return invalid(trace.name, reader->line(), "timestamp: whole unix seconds are expected");
    }
    if (!read(fields[*value], row.value) || !std::isfinite(row.value) || row.value < 0) {
      return invalid(trace.name, reader->line(), "value: a number from 0 up is expected");
    }
    if (!trace.rows.empty()) {
      const int64_t step = row.at_s - trace.rows.back().at_s;
      if (step <= 0) return invalid(trace.name, reader->line(), "timestamps must ascend");
      trace.step_s = trace.step_s == 0 ? step : std::min(trace.step_s, step);
    }
    trace.rows.push_back(row);
  }
  if (trace.rows.size() < 2) return invalid(trace.name, reader->line(), "needs two rows at least");
  return trace;
}

Result<Trace> read_trace(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::error_code none;
  if (!in || std::filesystem::is_directory(file, none)) {
    return Error{Code::kNotFound, file + ": cannot be read, or is no file"};
  }
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  return parse_trace(std::filesystem::path(file).stem().string(), text);
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

}  // namespace autoscaler
