#include "policies/cron.h"

#include "tests/policies/local_times.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using namespace testing;
using ::testing::HasSubstr;

// The next three matches after the first minute of 2026, a Thursday.
std::string matches_of(const char* text) {
  const Result<Cron> cron = parse_cron(text);
  if (!cron) return cron.error().message;
  std::string found;
  auto at = local(2026, 1, 1);
  for (int i = 0; i < 3; ++i) {
    const auto next = next_match(*cron, at);
    if (!next) return found + "never";
    found += (i > 0 ? ", " : "") + text_of(*next);
    at = *next + 1min;
  }
  return found;
}

struct CronRow {
  const char* text;
  const char* matches;
};

const CronRow kRows[] = {
    {"* * * * *", "2026-01-01 00:00, 2026-01-01 00:01, 2026-01-01 00:02"},
    {"30 8 * * *", "2026-01-01 08:30, 2026-01-02 08:30, 2026-01-03 08:30"},
    {"*/20 * * * *", "2026-01-01 00:00, 2026-01-01 00:20, 2026-01-01 00:40"},
    {"50/5 * * * *", "2026-01-01 00:50, 2026-01-01 00:55, 2026-01-01 01:50"},
    {"0 8-18/5 * * *", "2026-01-01 08:00, 2026-01-01 13:00, 2026-01-01 18:00"},
    {"0 22-1 * * *", "2026-01-01 00:00, 2026-01-01 01:00, 2026-01-01 22:00"},
    {"0 22-2/2 * * *", "2026-01-01 00:00, 2026-01-01 02:00, 2026-01-01 22:00"},
    {"5,10,7 3 * * *", "2026-01-01 03:05, 2026-01-01 03:07, 2026-01-01 03:10"},
    {"0 8 * * MON-FRI", "2026-01-01 08:00, 2026-01-02 08:00, 2026-01-05 08:00"},
    {"0 8 * * mon-fri", "2026-01-01 08:00, 2026-01-02 08:00, 2026-01-05 08:00"},
    {"0 8 * * SAT,SUN", "2026-01-03 08:00, 2026-01-04 08:00, 2026-01-10 08:00"},
    {"0 8 * * SAT-MON", "2026-01-03 08:00, 2026-01-04 08:00, 2026-01-05 08:00"},
    {"0 8 * * 0", "2026-01-04 08:00, 2026-01-11 08:00, 2026-01-18 08:00"},
    {"0 8 * * 7", "2026-01-04 08:00, 2026-01-11 08:00, 2026-01-18 08:00"},
    {"0 8 * * 5-7", "2026-01-02 08:00, 2026-01-03 08:00, 2026-01-04 08:00"},
    {"0 8 * * 6-1", "2026-01-03 08:00, 2026-01-04 08:00, 2026-01-05 08:00"},
    {"0 0 1 JAN,JUL *", "2026-01-01 00:00, 2026-07-01 00:00, 2027-01-01 00:00"},
    {"0 0 1 11-2 *", "2026-01-01 00:00, 2026-02-01 00:00, 2026-11-01 00:00"},
    {"0 0 31 * *", "2026-01-31 00:00, 2026-03-31 00:00, 2026-05-31 00:00"},
    {"0 0 L * *", "2026-01-31 00:00, 2026-02-28 00:00, 2026-03-31 00:00"},
    {"0 0 15,L 2 *", "2026-02-15 00:00, 2026-02-28 00:00, 2027-02-15 00:00"},
    {"0 0 * * 5L", "2026-01-30 00:00, 2026-02-27 00:00, 2026-03-27 00:00"},
    {"0 0 * * FRIL", "2026-01-30 00:00, 2026-02-27 00:00, 2026-03-27 00:00"},
    {"0 0 * * MON#2", "2026-01-12 00:00, 2026-02-09 00:00, 2026-03-09 00:00"},
    {"0 0 * * THU#5", "2026-01-29 00:00, 2026-04-30 00:00, 2026-07-30 00:00"},
    {"0 0 * * MON#1,WED", "2026-01-05 00:00, 2026-01-07 00:00, 2026-01-14 00:00"},
    {"0 0 29 2 *", "2028-02-29 00:00, 2032-02-29 00:00, 2036-02-29 00:00"},
    {"0 0 30 2 *", "never"},
    {"0 0 * 2 MON#5", "2044-02-29 00:00, 2072-02-29 00:00, 2112-02-29 00:00"},
    {"@hourly", "2026-01-01 00:00, 2026-01-01 01:00, 2026-01-01 02:00"},
    {"@daily", "2026-01-01 00:00, 2026-01-02 00:00, 2026-01-03 00:00"},
    {"@weekly", "2026-01-04 00:00, 2026-01-11 00:00, 2026-01-18 00:00"},
    {"@monthly", "2026-01-01 00:00, 2026-02-01 00:00, 2026-03-01 00:00"},
    {"@yearly", "2026-01-01 00:00, 2027-01-01 00:00, 2028-01-01 00:00"},
    // As in cron: the day of the month and that of the week where both are given, one is enough.
    {"0 0 13 * FRI", "2026-01-02 00:00, 2026-01-09 00:00, 2026-01-13 00:00"},
    {"0 0 */2 * FRI", "2026-01-09 00:00, 2026-01-23 00:00, 2026-02-13 00:00"},
};

TEST(Cron, MatchesWhatItSays) {
  for (const CronRow& row : kRows) EXPECT_EQ(matches_of(row.text), row.matches) << row.text;
}

struct WrongCron {
  const char* text;
  const char* message;
};

const WrongCron kWrong[] = {
    {"", "found 0 fields"},
    {"0 8 * *", "found 4 fields"},
    {"0 0 8 * * MON", "found 6 fields"},
    {"@reboot", "none of @hourly"},
    {"60 * * * *", "the minute is '60': 0 to 59"},
    {"-1 * * * *", "the minute is '-1'"},
    {"* 24 * * *", "the hour is '24': 0 to 23"},
    {"* * 0 * *", "the day of the month is '0'"},
    {"* * * 13 *", "the month is '13': 1 to 12 or JAN to DEC"},
    {"* * * * 8", "the day of the week is '8': 0 to 7 or SUN to SAT"},
    {"* * * * MOON", "the day of the week is 'MOON'"},
    {"1,,2 * * * *", "the minute is ''"},
    {"1- * * * *", "the minute is '1-'"},
    {"*/0 * * * *", "the minute is '*/0'"},
    {"*/x * * * *", "the minute is '*/X'"},
    {"* * * * L", "write FRIL"},
    {"* * * * FRI#6", "from 1 to 5"},
    {"* * * * FRI#", "from 1 to 5"},
    {"* * * * FRILX", "from 1 to 5"},
    {"? * * * *", "the minute is '?'"},
    {"* * 15W * *", "the day of the month is '15W'"},
    {"0x1 * * * *", "the minute is '0X1'"},
    {"99999999999 * * * *", "the minute is"},
};

TEST(Cron, SaysWhatIsWrongAndWhatIsAllowed) {
  for (const WrongCron& row : kWrong) {
    const Result<Cron> cron = parse_cron(row.text);
    ASSERT_FALSE(cron.ok()) << row.text;
    EXPECT_THAT(cron.error().message, HasSubstr(row.message)) << row.text;
  }
}

// The same question asked the other way round, and minute by minute.
TEST(Cron, TheLastMatchIsTheOneThatNextFindsThere) {
  for (const char* text : {"7,53 3-5 * * *", "0 0 L * FRI#3", "*/17 23 1 1 *", "59 23 * * SUN"}) {
    const Cron cron = *parse_cron(text);
    std::optional<LocalMinute> last;
    for (LocalMinute at = local(2027, 12, 20); at < local(2028, 1, 5); at += 1min) {
      if (next_match(cron, at) == at) last = at;
      if (!last) continue;
      ASSERT_EQ(last_match(cron, at), last) << text << " at " << text_of(at);
    }
  }
}

}  // namespace
}  // namespace autoscaler
