#include "controller/schedule/time_zone.h"

#include <date/tz.h>

#include <array>
#include <cstdio>
#include <exception>

namespace autoscaler {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kRemedy =
    "install the package tzdata in its usual form (not one made with zic -b slim)";

class UtcClock final : public ZoneClock {
 public:
  Instant instant_of(LocalMinute local) const override { return Instant(local.time_since_epoch()); }
  std::chrono::local_time<Duration> local_of(Instant at) const override {
    return std::chrono::local_time<Duration>(at.time_since_epoch());
  }
  std::string abbreviation(Instant /*at*/) const override { return "UTC"; }
};

class DatabaseClock final : public ZoneClock {
 public:
  explicit DatabaseClock(const date::time_zone* zone) : zone_(zone) {}

  Instant instant_of(LocalMinute local) const override {
    const date::local_info info = zone_->get_info(date::local_seconds(local.time_since_epoch()));
    if (info.result == date::local_info::nonexistent) {
      return Instant(info.first.end.time_since_epoch());
    }
    return Instant(local.time_since_epoch() - info.first.offset);
  }
  std::chrono::local_time<Duration> local_of(Instant at) const override {
    return std::chrono::local_time<Duration>(at.time_since_epoch() + info_at(at).offset);
  }
  std::string abbreviation(Instant at) const override { return info_at(at).abbrev; }

 private:
  date::sys_info info_at(Instant at) const {
    return zone_->get_info(std::chrono::floor<seconds>(at));
  }

  const date::time_zone* zone_;
};

// The library throws where a name is unknown, and where its files are not there or broken.
Result<const date::time_zone*> locate(const std::string& name) {
  try {
    return date::locate_zone(name);
  } catch (const std::exception& error) {
    return Error{Code::kNotFound, error.what()};
  }
}

minutes offset_of(const date::time_zone& zone, int year, unsigned month) {
  const date::sys_days middle = date::year(year) / static_cast<int>(month) / 15;
  return std::chrono::floor<minutes>(zone.get_info(date::sys_seconds(middle)).offset);
}

}  // namespace

Status check_zone_data() {
  const Result<const date::time_zone*> berlin = locate("Europe/Berlin");
  if (!berlin) {
    return Error{Code::kUnavailable,
                 std::string("the time zones of this machine cannot be read: ") + kRemedy};
  }
  for (int year = 2026; year <= 2037; ++year) {
    for (const unsigned month : {1u, 7u}) {
      const minutes right(month == 1 ? 60 : 120);
      minutes found{0};
      try {
        found = offset_of(**berlin, year, month);
      } catch (const std::exception&) {  // a file that is cut off; found stays wrong
      }
      if (found == right) continue;
      return Error{Code::kUnavailable,
                   "the time zones of this machine are not fit for schedules: Europe/Berlin is " +
                       std::to_string(found.count()) + " minutes ahead of UTC in month " +
                       std::to_string(month) + " of " + std::to_string(year) + " by them, and " +
                       std::to_string(right.count()) + " would be right: " + kRemedy};
    }
  }
  return Done{};
}

Result<std::unique_ptr<ZoneClock>> find_zone(const std::string& name) {
  if (name == "UTC") return std::unique_ptr<ZoneClock>(std::make_unique<UtcClock>());
  static const Status data = check_zone_data();
  if (!data) return data.error();
  const Result<const date::time_zone*> zone = locate(name);
  if (!zone) {
    return Error{Code::kNotFound, "there is no time zone '" + name +
                                      "' on this machine: write one of the IANA database, such as "
                                      "Europe/Berlin or UTC"};
  }
  return std::unique_ptr<ZoneClock>(std::make_unique<DatabaseClock>(*zone));
}

std::string local_text(const ZoneClock& zone, Instant at) {
  const auto local = std::chrono::floor<minutes>(zone.local_of(at));
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date(day);
  const auto minute = (local - day).count();
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(minute / 60),
                static_cast<int>(minute % 60));
  return text.data() + zone.abbreviation(at);
}

}  // namespace autoscaler
