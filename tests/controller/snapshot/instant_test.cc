#include "controller/snapshot/snapshot.h"

#include <gmock/gmock.h>

#include <string>
#include <utility>

namespace autoscaler {
namespace {

TEST(Instants, are_written_to_the_millisecond_and_read_back) {
  const std::pair<int64_t, const char*> cases[] = {{0, "1970-01-01T00:00:00.000Z"},
                                                   {1795341600000, "2026-11-22T10:00:00.000Z"},
                                                   {1709164800123, "2024-02-29T00:00:00.123Z"},
                                                   {-1, "1969-12-31T23:59:59.999Z"},
                                                   {-62167219200000, "0000-01-01T00:00:00.000Z"},
                                                   {253402300799999, "9999-12-31T23:59:59.999Z"}};
  for (const auto& [milliseconds, text] : cases) {
    EXPECT_EQ(format_instant(Instant{Duration{milliseconds}}), text);
    const auto instant = parse_instant(text);
    ASSERT_TRUE(instant.ok()) << text;
    EXPECT_EQ(instant->time_since_epoch().count(), milliseconds) << text;
  }
}

TEST(Instants, other_spellings_of_one_moment) {
  for (const char* text :
       {"2026-11-22T10:00:00Z", "2026-11-22T11:00:00+01:00", "2026-11-22T04:30:00-05:30",
        "2026-11-22T10:00:00.0009Z", "2026-11-22T10:00:00.000999999999999999999999Z"}) {
    const auto instant = parse_instant(text);
    ASSERT_TRUE(instant.ok()) << text;
    EXPECT_EQ(format_instant(*instant), "2026-11-22T10:00:00.000Z") << text;
  }
}

TEST(Instants, say_what_is_wrong) {
  for (const char* text :
       {"", "now", "2026-11-22", "2026-11-22T10:00:00", "2026-11-22 10:00:00Z", "2026-11-22T10:00Z",
        "2026-02-29T10:00:00Z", "2026-13-01T10:00:00Z", "2026-00-01T10:00:00Z",
        "2026-11-22T24:00:00Z", "2026-11-22T10:60:00Z", "2026-11-22T10:00:60Z",
        "2026-11-22T10:00:00.Z", "2026-11-22T10:00:00+1:00", "2026-11-22T10:00:00+24:00",
        "2026-11-22T10:00:00ZZ", "-026-11-22T10:00:00Z", "2026--1-22T10:00:00Z", "1795341600"}) {
    const auto instant = parse_instant(text);
    ASSERT_FALSE(instant.ok()) << text;
    EXPECT_THAT(instant.error().message, testing::HasSubstr("2026-11-22T10:00:00Z")) << text;
  }
}

}  // namespace
}  // namespace autoscaler
