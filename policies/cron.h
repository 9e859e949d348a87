#pragma once

#include "base/result.h"
#include "policies/schedule.h"

#include <optional>
#include <string_view>

namespace autoscaler {

// Five fields: minute, hour, day of the month, month, day of the week. Each is *, a number or name
// (JAN, MON; Sunday is 0 or 7), a range (8-18, FRI-MON), any of them with a step (*/5, 8-18/2, 8/2:
// from 8 on), or a list of these. L is the last day of a month, FRIL its last Friday, MON#2 its
// second Monday. Also @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually. kInvalid:
// a sentence that says what is wrong and how it is written.
Result<Cron> parse_cron(std::string_view text);

// The first match at or after `from`, the last at or before `to`. nullopt: none in 40 years, which
// no cron that ever matches needs: the fifth Monday of a February comes every 28, or 40 over 2100.
std::optional<LocalMinute> next_match(const Cron& cron, LocalMinute from);
std::optional<LocalMinute> last_match(const Cron& cron, LocalMinute to);

}  // namespace autoscaler
