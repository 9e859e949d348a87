#include "policies/forecast/period.h"

#include "tests/policies/forecast/load.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;

std::optional<int64_t> period_in(const std::function<double(int64_t)>& log) {
  MinuteRing ring;
  const LogScale scale{.floor = 1};
  for (int64_t minute = 0; minute < MinuteRing::kMinutes; ++minute) ring.push(scale, log(minute));
  return period_of(ring, scale);
}

TEST(Period, TheShortestThatStandsOutIsFound) {
  Chance chance(4);
  for (const int64_t hours : {1, 2, 3, 6}) {
    const auto found = period_in([&](int64_t minute) {
      return (minute % (60 * hours) < 20 ? 1.0 : 0.0) + 0.1 * chance.normal();
    });
    ASSERT_TRUE(found) << hours;
    EXPECT_EQ(*found, 60 * hours);
  }
}

TEST(Period, NoiseAndAStraightLineHaveNone) {
  Chance chance(4);
  EXPECT_FALSE(period_in([&](int64_t) { return chance.normal(); }));
  EXPECT_FALSE(period_in([](int64_t) { return 1; }));
  EXPECT_FALSE(period_in([](int64_t minute) { return static_cast<double>(minute) / 1440; }));
}

TEST(Period, AnEmptyRingHasNone) {
  EXPECT_FALSE(period_of(MinuteRing(), LogScale{.floor = 1}));
}

}  // namespace
}  // namespace autoscaler
