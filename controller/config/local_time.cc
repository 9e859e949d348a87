#include "controller/config/local_time.h"

#include "controller/schedule/time_zone.h"

#include <charconv>

namespace autoscaler {
namespace {

std::string text_schema() {
  return R"({"type":"string"})";
}

// `mask` has a 9 for each digit; its ? is a space or a T.
bool looks_like(std::string_view text, std::string_view mask) {
  if (text.size() != mask.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool fits = mask[i] == '9'   ? text[i] >= '0' && text[i] <= '9'
                      : mask[i] == '?' ? text[i] == ' ' || text[i] == 'T'
                                       : text[i] == mask[i];
    if (!fits) return false;
  }
  return true;
}

int number(std::string_view text, size_t at, size_t digits) {
  int value = 0;
  std::from_chars(text.data() + at, text.data() + at + digits, value);
  return value;
}

std::optional<LocalMinute> parse(std::string_view text, bool with_time) {
  const bool timed = with_time && looks_like(text, "9999-99-99?99:99");
  if (!timed && !looks_like(text, "9999-99-99")) return std::nullopt;
  const std::chrono::year_month_day date{
      std::chrono::year(number(text, 0, 4)),
      std::chrono::month(static_cast<unsigned>(number(text, 5, 2))),
      std::chrono::day(static_cast<unsigned>(number(text, 8, 2)))};
  const int hour = timed ? number(text, 11, 2) : 0;
  const int minute = timed ? number(text, 14, 2) : 0;
  if (!date.ok() || hour > 23 || minute > 59) return std::nullopt;
  return std::chrono::local_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute);
}

Error not_read() {
  return {Code::kInvalid, "it is read on the clock of timeZone, and has no offset of its own"};
}

}  // namespace

ScalarRule<LocalMinute> local_time() {
  return {"a date with a time, such as 2026-12-24 18:00",
          text_schema,
          [](const Node& node) -> Result<LocalMinute> {
            const auto local = parse(node.text, true);
            if (!local) return not_read();
            return *local;
          },
          {}};
}

ScalarRule<std::chrono::local_days> local_date() {
  return {"a date, such as 2026-12-24",
          text_schema,
          [](const Node& node) -> Result<std::chrono::local_days> {
            const auto local = parse(node.text, false);
            if (!local) return not_read();
            return std::chrono::floor<std::chrono::days>(*local);
          },
          {}};
}

ScalarRule<std::string> time_zone() {
  return {"a time zone of the IANA database, such as Europe/Berlin", text_schema,
          [](const Node& node) -> Result<std::string> {
            const auto zone = find_zone(node.text);
            if (!zone) return Error{Code::kInvalid, zone.error().message};
            return node.text;
          },
          [](const std::string& zone) { return json_text(zone); }};
}

}  // namespace autoscaler
