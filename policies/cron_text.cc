#include "policies/cron.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace autoscaler {
namespace {

constexpr std::string_view kMonths[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                        "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::string_view kWeekdays[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
constexpr std::pair<std::string_view, std::string_view> kShorthands[] = {
    {"@hourly", "0 * * * *"},  {"@daily", "0 0 * * *"},   {"@midnight", "0 0 * * *"},
    {"@weekly", "0 0 * * 0"},  {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"}};

struct Field {
  const char* what;
  int least;
  int most;
  std::span<const std::string_view> names;  // of least and on
};
constexpr Field kMinute{"the minute", 0, 59, {}};
constexpr Field kHour{"the hour", 0, 23, {}};
constexpr Field kDay{"the day of the month", 1, 31, {}};
constexpr Field kMonth{"the month", 1, 12, kMonths};
constexpr Field kWeekday{"the day of the week", 0, 7, kWeekdays};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t end = 0; end != std::string_view::npos;) {
    end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end != std::string_view::npos) text.remove_prefix(end + 1);
  }
  return parts;
}

std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return result;
}

Error wrong(const Field& field, std::string_view found) {
  std::string allowed = std::to_string(field.least) + " to " + std::to_string(field.most);
  if (!field.names.empty()) {
    allowed += " or " + std::string(field.names.front()) + " to " + std::string(field.names.back());
  }
  return Error{Code::kInvalid, std::string(field.what) + " is '" + std::string(found) +
                                   "': " + allowed +
                                   ", *, ranges (a-b), steps (*/5) and lists (a,b) are allowed"};
}

std::optional<int> parse_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && text.front() != '-' ? std::optional(number) : std::nullopt;
}

std::optional<int> parse_value(const Field& field, std::string_view text) {
  const auto name = std::find(field.names.begin(), field.names.end(), text);
  if (name != field.names.end()) {
    return field.least + static_cast<int>(name - field.names.begin());
  }
  const auto number = parse_number(text);
  if (!number || *number < field.least || *number > field.most) return std::nullopt;
  return number;
}

// One item of a list, as bits. A range may pass the end: FRI-MON, NOV-FEB, 22-2.
std::optional<uint64_t> parse_item(const Field& field, std::string_view text) {
  const size_t slash = text.find('/');
  const std::string_view range = text.substr(0, slash);
  std::optional<int> step = 1;
  if (slash != std::string_view::npos) {
    step = parse_number(text.substr(slash + 1));
    if (!step || *step < 1 || *step > field.most) return std::nullopt;
  }
  const size_t dash = range.find('-');
  std::optional<int> first = field.least, last = field.most;
  if (range != "*") {
    first = parse_value(field, range.substr(0, dash));
    if (dash != std::string_view::npos) {
      last = parse_value(field, range.substr(dash + 1));
    } else if (slash == std::string_view::npos) {
      last = first;
    }
  }
  if (!first || !last) return std::nullopt;
  // Sunday is 0 and 7: a week that is passed has seven days, not eight.
  const int values = &field == &kWeekday ? 7 : field.most - field.least + 1;
  const int length = *last - *first + (*last < *first ? values : 0);
  uint64_t bits = 0;
  for (int i = 0; i <= length; i += *step) {
    bits |= uint64_t{1} << (field.least + (*first - field.least + i) % values);
  }
  return bits;
}

Result<uint64_t> parse_field(const Field& field, std::string_view text) {
  uint64_t bits = 0;
  for (const std::string_view item : split(text, ',')) {
    const auto parsed = parse_item(field, item);
    if (!parsed) return wrong(field, item);
    bits |= *parsed;
  }
  return bits;
}

Status parse_days(std::string_view text, Cron& cron) {
  cron.every_day = text.starts_with('*');
  for (const std::string_view item : split(text, ',')) {
    if (item == "L") {
      cron.last_day = true;
      continue;
    }
    const auto bits = parse_item(kDay, item);
    if (!bits) return wrong(kDay, item);
    cron.days |= static_cast<uint32_t>(*bits);
  }
  return Done{};
}

Status parse_weekdays(std::string_view text, Cron& cron) {
  cron.every_weekday = text.starts_with('*');
  for (const std::string_view item : split(text, ',')) {
    const size_t mark = item.find_first_of("#L");
    const auto day = parse_value(kWeekday, item.substr(0, mark));
    const auto bit = static_cast<uint8_t>(1u << (day.value_or(0) % 7));
    if (mark == std::string_view::npos) {
      const auto bits = parse_item(kWeekday, item);
      if (!bits) return wrong(kWeekday, item);
      cron.weekdays |= static_cast<uint8_t>(*bits);
    } else if (!day || mark == 0) {
      return Error{Code::kInvalid, "the day of the week is '" + std::string(item) +
                                       "': write FRIL for the last Friday of the month, MON#2 for "
                                       "its second Monday"};
    } else if (item.substr(mark) == "L") {
      cron.last_weekdays |= bit;
    } else {
      const auto nth = parse_number(item.substr(mark + 1));
      if (item[mark] != '#' || !nth || *nth < 1 || *nth > 5) {
        return Error{Code::kInvalid, "the day of the week is '" + std::string(item) +
                                         "': # takes a number from 1 to 5"};
      }
      cron.nth_weekdays[static_cast<size_t>(*nth - 1)] |= bit;
    }
  }
  return Done{};
}

Result<Cron> parse_fields(const std::vector<std::string_view>& fields) {
  Cron cron;
  const Result<uint64_t> minutes = parse_field(kMinute, fields[0]);
  if (!minutes) return minutes.error();
  const Result<uint64_t> hours = parse_field(kHour, fields[1]);
  if (!hours) return hours.error();
  if (const Status days = parse_days(fields[2], cron); !days) return days.error();
  const Result<uint64_t> months = parse_field(kMonth, fields[3]);
  if (!months) return months.error();
  if (const Status weekdays = parse_weekdays(fields[4], cron); !weekdays) return weekdays.error();
  cron.minutes = *minutes;
  cron.hours = static_cast<uint32_t>(*hours);
  cron.months = static_cast<uint16_t>(*months);
  return cron;
}

}  // namespace

Result<Cron> parse_cron(std::string_view text) {
  std::string_view fields_text = text;
  for (const auto& [name, meaning] : kShorthands) {
    if (text == name) fields_text = meaning;
  }
  if (fields_text.starts_with('@')) {
    return Error{Code::kInvalid,
                 "'" + std::string(text) +
                     "' is none of @hourly, @daily, @midnight, @weekly, @monthly, @yearly and "
                     "@annually"};
  }
  const std::string shouted = upper(fields_text);
  std::vector<std::string_view> fields = split(shouted, ' ');
  std::erase(fields, std::string_view());
  if (fields.size() != 5) {
    return Error{Code::kInvalid, "found " + std::to_string(fields.size()) +
                                     " fields, and a cron has five: minute, hour, day of the "
                                     "month, month, day of the week, as in 0 8 * * MON-FRI"};
  }
  return parse_fields(fields);
}

}  // namespace autoscaler
