#include "metrics/turns.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace autoscaler {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(Turns, SpreadOverTheIntervalByTheNameAlone) {
  std::array<int, 10> tenths{};
  for (int i = 0; i < 10'000; ++i) {
    const nanoseconds phase = phase_of("shop/0/instance-" + std::to_string(i), seconds(5));
    ASSERT_GE(phase, seconds(0));
    ASSERT_LT(phase, seconds(5));
    ++tenths[static_cast<size_t>(phase / std::chrono::milliseconds(500))];
  }
  // 1,000 on the average, with a standard deviation of 30.
  for (const int count : tenths) {
    EXPECT_GT(count, 850);
    EXPECT_LT(count, 1150);
  }
  EXPECT_EQ(phase_of("a", seconds(5)), phase_of("a", seconds(5)));
}

TEST(Turns, TheFirstComesHalfAnIntervalAfterTheStartAtTheEarliest) {
  struct Row {
    int64_t last, phase, next;
  };
  const Row rows[] = {
      {0, 0, 10},  {0, 4, 14},  {0, 5, 5},   {0, 9, 9},                // asked at once, at 0
      {3, 8, 8},   {3, 7, 17},  {12, 9, 19}, {8, 8, 18}, {18, 8, 28},  // then from turn to turn
      {19, 8, 28}, {22, 8, 28}, {24, 8, 38},  // late: one is left out rather than two close
                                              // together
  };
  for (const Row& row : rows) {
    EXPECT_EQ(next_turn(seconds(row.last), seconds(row.phase), seconds(10)), seconds(row.next))
        << row.last << " " << row.phase;
  }
}

}  // namespace
}  // namespace autoscaler
