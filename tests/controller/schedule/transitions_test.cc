#include "controller/schedule/transitions.h"

#include "controller/schedule/time_zone.h"
#include "policies/cron.h"
#include "tests/policies/local_times.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;

ScheduleTimes lasting(const char* begin, Duration length) {
  ScheduleTimes times;
  times.when = ScheduleTimes::Recurring{*parse_cron(begin), length};
  return times;
}

std::string next(const ScheduleTimes& times, Instant now, size_t count) {
  std::string text;
  const Berlin berlin;
  for (const Transition& each : next_transitions(times, berlin, now, count)) {
    text += (text.empty() ? "" : ", ") + std::string(each.opens ? "opens " : "closes ") +
            local_text(berlin, each.at).substr(5);
  }
  return text;
}

TEST(Transitions, AlternateFromNowOn) {
  const ScheduleTimes office = lasting("0 8 * * MON-FRI", 10h);
  EXPECT_EQ(next(office, Berlin::utc(3, 27, 6), 4),
            "opens 03-27 08:00 CET, closes 03-27 18:00 CET, opens 03-30 08:00 CEST, "
            "closes 03-30 18:00 CEST");
  EXPECT_EQ(next(office, Berlin::utc(3, 27, 9), 2),
            "closes 03-27 18:00 CET, opens 03-30 08:00 CEST");
}

TEST(Transitions, WindowsThatOverlapOrTouchAreOne) {
  EXPECT_EQ(next(lasting("0 8,9,10 * * *", 90min), Berlin::utc(1, 12, 0), 2),
            "opens 01-12 08:00 CET, closes 01-12 11:30 CET");
  EXPECT_EQ(next(lasting("0 8,9 * * *", 60min), Berlin::utc(1, 12, 0), 2),
            "opens 01-12 08:00 CET, closes 01-12 10:00 CET");
}

TEST(Transitions, OneThatNeverClosesHasNone) {
  EXPECT_EQ(next(lasting("* * * * *", 2min), Berlin::utc(1, 12, 0), 10), "");
}

TEST(Transitions, OneThatIsOverHasNone) {
  ScheduleTimes sale;
  sale.when = ScheduleTimes::Once{local(2026, 11, 27), local(2026, 11, 30, 8)};
  EXPECT_EQ(next(sale, Berlin::utc(11, 29, 0), 10), "closes 11-30 08:00 CET");
  EXPECT_EQ(next(sale, Berlin::utc(12, 1, 0), 10), "");
}

}  // namespace
}  // namespace autoscaler
