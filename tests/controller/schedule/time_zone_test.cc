#include "controller/schedule/time_zone.h"

#include "tests/policies/local_times.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using namespace testing;

TEST(TimeZone, TheDataOfThisMachineIsFitForSchedules) {
  const Status data = check_zone_data();
  EXPECT_TRUE(data.ok()) << data.error().message;
}

TEST(TimeZone, AnUnknownOneIsRefusedWithTheRemedy) {
  for (const char* name : {"Europe/Belrin", "", "CEST", "../../etc/passwd", "europe/berlin"}) {
    const auto zone = find_zone(name);
    ASSERT_FALSE(zone.ok()) << name;
    EXPECT_EQ(zone.error().code, Code::kNotFound);
    EXPECT_THAT(zone.error().message, ::testing::HasSubstr("Europe/Berlin or UTC"));
  }
}

// The clock that the tests of policies/ use, against the database.
TEST(TimeZone, BerlinIn2026) {
  const auto zone = find_zone("Europe/Berlin");
  ASSERT_TRUE(zone.ok()) << zone.error().message;
  const Berlin berlin;
  for (LocalMinute at = local(2026, 1, 1); at < local(2027, 1, 1); at += 7min) {
    ASSERT_EQ((*zone)->instant_of(at), berlin.instant_of(at)) << text_of(at);
    const Instant instant = berlin.instant_of(at);
    ASSERT_EQ((*zone)->local_of(instant), berlin.local_of(instant)) << text_of(at);
  }
  EXPECT_EQ(local_text(**zone, Berlin::utc(11, 30, 7)), "2026-11-30 08:00 CET");
  EXPECT_EQ(local_text(**zone, Berlin::utc(7, 1, 7, 5)), "2026-07-01 09:05 CEST");
}

TEST(TimeZone, UtcNeedsNoDatabase) {
  const auto zone = find_zone("UTC");
  ASSERT_TRUE(zone.ok());
  EXPECT_EQ((*zone)->instant_of(local(2026, 11, 30, 8)), Berlin::utc(11, 30, 8));
  EXPECT_EQ(local_text(**zone, Berlin::utc(11, 30, 8)), "2026-11-30 08:00 UTC");
}

}  // namespace
}  // namespace autoscaler
