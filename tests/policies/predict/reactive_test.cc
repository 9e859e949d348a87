#include "policies/predict/reactive.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

TEST(ReactiveSize, ServesTheLastMinuteAt97PercentAndTheBacklogInAMinute) {
  EXPECT_EQ(reactive_size({970, 970, 0}, 100).size, 10);
  EXPECT_EQ(reactive_size({971, 971, 0}, 100).size, 11);
  EXPECT_EQ(reactive_size({970, 970, 6001}, 100).size, 12);
  EXPECT_EQ(reactive_size({0, 0, 0}, 100).size, 1);
}

TEST(ReactiveSize, LoadThatHasDoubledWithinTheMinuteIsBelievedAtOnce) {
  EXPECT_EQ(reactive_size({1900, 1000, 0}, 100).size, 11);
  EXPECT_FALSE(reactive_size({1900, 1000, 0}, 100).burst);
  EXPECT_EQ(reactive_size({2000, 1000, 0}, 100).size, 21);
  EXPECT_TRUE(reactive_size({2000, 1000, 0}, 100).burst);
}

}  // namespace
}  // namespace autoscaler
