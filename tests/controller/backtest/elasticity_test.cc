#include "controller/backtest/elasticity.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace std::chrono_literals;

TEST(Elasticity, MeasuresTooFewAndTooManyAgainstWhatIsNeeded) {
  Elasticity score;
  score.count(1min, 4, 4, 4, false);
  score.count(1min, 4, 2, 3, true);   // half is missing
  score.count(2min, 4, 5, 5, false);  // a quarter is too much
  EXPECT_DOUBLE_EQ(score.scored_seconds(), 240);
  EXPECT_DOUBLE_EQ(score.instance_hours(), (4 + 3 + 10) / 60.0);
  EXPECT_DOUBLE_EQ(score.violating_share(), 0.25);
  EXPECT_DOUBLE_EQ(score.under(), 0.5 / 4);
  EXPECT_DOUBLE_EQ(score.under_time(), 0.25);
  EXPECT_DOUBLE_EQ(score.over(), 2 * 0.25 / 4);
  EXPECT_DOUBLE_EQ(score.over_time(), 0.5);
}

TEST(Elasticity, IsUnstableWhereSupplyAndDemandMoveApart) {
  Elasticity score;
  score.count(1min, 4, 4, 4, false);
  score.count(1min, 5, 5, 5, false);  // together
  score.count(1min, 6, 5, 5, false);  // demand alone
  score.count(1min, 5, 6, 6, false);  // against each other
  EXPECT_DOUBLE_EQ(score.instability(), 0.5);
}

TEST(Elasticity, TurnsAreChangesInAnotherDirectionThanTheLast) {
  Elasticity score;
  for (const int32_t change : {2, 0, 1, -1, 0, -1, 3}) score.count_change(change);
  score.count(30min, 1, 1, 1, false);
  EXPECT_EQ(score.actions(), 5);
  EXPECT_EQ(score.turns(), 2);
  EXPECT_DOUBLE_EQ(score.an_hour(score.turns()), 4);
}

TEST(Elasticity, TheWorstHourIsNotHiddenByTheOthers) {
  Elasticity score;
  for (int minute = 0; minute < 180; ++minute) {
    score.count(1min, 1, 1, 1, minute >= 60 && minute < 90);
  }
  EXPECT_DOUBLE_EQ(score.violating_share(), 30 / 180.0);
  EXPECT_DOUBLE_EQ(score.worst_hour_share(), 0.5);
}

}  // namespace
}  // namespace autoscaler
