#pragma once

#include "policies/time.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace autoscaler {

// A minute on the clock of some time zone, which the value does not name.
using LocalMinute = std::chrono::local_time<std::chrono::minutes>;

// When a cron of five fields matches, as sets of bits. A day matches when its month does, and by
// its day of the month and of the week as cron has it: where both are given, one of them is enough.
struct Cron {
  uint64_t minutes = 0;                   // bit 0..59
  uint32_t hours = 0;                     // bit 0..23
  uint32_t days = 0;                      // bit 1..31, of the month
  bool last_day = false;                  // L: of the month
  uint16_t months = 0;                    // bit 1..12
  uint8_t weekdays = 0;                   // bit 0 (Sunday) .. 6
  uint8_t last_weekdays = 0;              // FRIL: the last one of the month
  std::array<uint8_t, 5> nth_weekdays{};  // MON#2: [1], the second one of the month
  bool every_day = false;                 // the day of the month begins with *
  bool every_weekday = false;             // the day of the week does

  bool operator==(const Cron&) const = default;
};

// When the windows of a schedule are, on the clock of its zone.
struct ScheduleTimes {
  struct Once {
    LocalMinute from;
    LocalMinute to;
  };
  struct Recurring {
    Cron begin;
    std::variant<Duration, Cron> end;  // so much time after it began, or the next match
  };
  std::variant<Once, Recurring> when = Once{};
  std::vector<std::chrono::local_days> except;  // no window begins on these days; ascending
  std::string zone = "UTC";                     // of the IANA database
  std::string text;                             // as written, for people: "0 8 * * 1-5 for 10h"
};

// While a window is open `min` and `max` narrow the workload's bounds and `size` is what the policy
// wants. The window of min and size may begin before its time: what it orders is ready when it
// does.
struct ScheduleSpec {
  ScheduleTimes times;
  std::optional<int32_t> min;
  std::optional<int32_t> max;
  std::optional<int32_t> size;
  Duration lead{0};
  bool lead_by_readiness = false;  // leadBy: auto, the measured time to readiness
};

}  // namespace autoscaler
