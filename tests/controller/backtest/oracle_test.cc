#include "controller/backtest/oracle.h"

#include "controller/backtest/noise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace autoscaler {
namespace {

int64_t sum_of(const std::vector<int32_t>& paid) {
  return std::accumulate(paid.begin(), paid.end(), int64_t{0});
}

// The least over all ways of serving: sizes from `needed` up to 3 at each tick, a start paid `lead`
// ticks earlier, a stop `drain` ticks longer.
int64_t least_by_trying(const std::vector<int32_t>& needed, size_t lead, size_t drain) {
  const size_t ticks = needed.size();
  std::vector<int32_t> sizes = needed;
  int64_t least = INT64_MAX;
  while (true) {
    int64_t paid = 0;
    for (size_t t = 0; t < ticks; ++t) {
      const int32_t before = t == 0 ? 0 : sizes[t - 1];
      paid += sizes[t];
      paid += std::max(0, sizes[t] - before) * static_cast<int64_t>(std::min(lead, t));
      paid += std::max(0, before - sizes[t]) * static_cast<int64_t>(std::min(drain, ticks - t));
    }
    least = std::min(least, paid);
    size_t digit = 0;
    while (digit < ticks && sizes[digit] == 3) sizes[digit] = needed[digit], ++digit;
    if (digit == ticks) return least;
    ++sizes[digit];
  }
}

TEST(Oracle, PaysFromTheLaunchUntilTheDrainIsOver) {
  EXPECT_EQ(oracle_paid({0, 0, 0, 0, 1, 0, 0, 0, 0}, 2, 1),
            (std::vector<int32_t>{0, 0, 1, 1, 1, 1, 0, 0, 0}));
}

TEST(Oracle, KeepsAnInstanceOverAGapThatIsNoDearerThanANewStart) {
  EXPECT_EQ(sum_of(oracle_paid({1, 0, 0, 0, 1, 1, 1, 1}, 2, 1)), 8);
  EXPECT_EQ(oracle_paid({1, 0, 0, 0, 0, 1}, 2, 1), (std::vector<int32_t>{1, 1, 0, 1, 1, 1}));
}

TEST(Oracle, PaysAsLittleAsAnyWayThatServesAll) {
  Noise noise("oracle");
  for (int round = 0; round < 300; ++round) {
    std::vector<int32_t> needed;
    for (int i = 0; i < 8; ++i) needed.push_back(static_cast<int32_t>(noise.uniform() * 4));
    const auto lead = static_cast<size_t>(noise.uniform() * 4);
    const auto drain = static_cast<size_t>(noise.uniform() * 3);
    ASSERT_EQ(sum_of(oracle_paid(needed, lead, drain)), least_by_trying(needed, lead, drain))
        << round;
  }
}

}  // namespace
}  // namespace autoscaler
