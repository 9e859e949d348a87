#include "tests/e2e/duration.h"

#include <gtest/gtest.h>

namespace autoscaler::e2e {
namespace {

using namespace std::chrono_literals;

TEST(ParseDuration, TakesANumberAndAUnit) {
  EXPECT_EQ(parse_duration("250us"), 250us);
  EXPECT_EQ(parse_duration("50ms"), 50ms);
  EXPECT_EQ(parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(parse_duration("2m"), 2min);
  EXPECT_EQ(parse_duration("1h"), 1h);
  EXPECT_EQ(parse_duration("0"), 0s);
}

TEST(ParseDuration, RefusesAllElse) {
  for (const char* bad : {"", "5", "s", "-1s", "5 s", "5sec", "1e3s", "inf", "nan", "9999999h"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
}

}  // namespace
}  // namespace autoscaler::e2e
