#include "policies/predict/error_budget.h"

#include <gtest/gtest.h>

#include <cmath>

namespace autoscaler {
namespace {

TEST(ErrorBudget, WhatIsSpentRaisesThePriceAndWhatIsSavedLowersIt) {
  ErrorBudget budget(0.005);
  const double start = budget.price();
  budget.learn(1);
  const double after = budget.price();
  EXPECT_GT(after, start);
  for (int i = 0; i < 1000; ++i) budget.learn(0);
  EXPECT_LT(budget.price(), after);
}

TEST(ErrorBudget, ThePriceStaysWithinItsBoundsAndBeyondThemThereIsHeadroom) {
  ErrorBudget budget(0.005);
  for (int i = 0; i < 100'000; ++i) budget.learn(0);
  EXPECT_NEAR(budget.price(), 0.3, 1e-3);
  EXPECT_DOUBLE_EQ(budget.headroom(), 1);
  for (int i = 0; i < 100'000; ++i) budget.learn(1);
  EXPECT_NEAR(budget.price(), 300, 0.1);
  EXPECT_GT(budget.headroom(), 1.2);
  EXPECT_LT(budget.headroom(), 3) << "it does not wind up";
}

TEST(ErrorBudget, WhatIsSpentAndWhatMovesThePriceAreTwoThings) {
  ErrorBudget budget(0.01);
  for (int i = 0; i < 60; ++i) budget.count(0.02);
  EXPECT_EQ(budget.price(), ErrorBudget(0.01).price());
  EXPECT_NEAR(budget.burn_rate(), 2 * (1 - std::exp(-1)), 0.02);
  EXPECT_NEAR(budget.left(), 1 - 2 * 60.0 / (14 * 1440), 1e-3);
  budget.move(1);
  EXPECT_GT(budget.price(), ErrorBudget(0.01).price());
  ErrorBudget other(0.01);
  other.restore(budget.state());
  EXPECT_EQ(other.price(), budget.price());
  EXPECT_EQ(other.left(), budget.left());
}

TEST(ErrorBudget, AViolationBelowTheBelievedCapacityIsADoubtAboutIt) {
  ErrorBudget budget(0.01);
  budget.doubt_capacity(1.3);
  EXPECT_EQ(budget.headroom(), 1) << "so much may be too much";
  for (int i = 0; i < 20; ++i) budget.doubt_capacity(0.85);
  EXPECT_NEAR(budget.headroom(), 1 / 0.85, 0.01);
  EXPECT_GT(budget.headroom(), 1 / 0.85) << "what violated was too much";
  for (int i = 0; i < 20; ++i) budget.doubt_capacity(0.1);
  EXPECT_NEAR(budget.headroom(), 1 / 0.75, 1e-9) << "whatever it was, it was not that";
  for (int i = 0; i < 7 * 1440; ++i) budget.count(0);
  EXPECT_NEAR(budget.headroom(), 1 / (1 - 0.25 * std::exp(-1)), 0.001) << "and is forgotten";
}

// A service whose violations fall as the price to the power of -0.7, whatever the factor: the loop
// finds the price that spends the budget.
TEST(ErrorBudget, HoldsTheBudgetOfAServiceItKnowsNothingAbout) {
  for (const double budget_share : {0.01, 0.005, 0.001}) {
    for (const double factor : {0.001, 0.01, 0.05}) {
      ErrorBudget budget(budget_share);
      double violated = 0;
      double owed = 0;
      constexpr int kMinutes = 40 * 1440;
      for (int i = 0; i < kMinutes; ++i) {
        owed += factor * std::pow(budget.price() * budget.headroom(), -0.7);
        const double minute = owed >= 1 ? 1 : 0;
        owed -= minute;
        violated += minute;
        budget.learn(minute);
      }
      // Finding a high price costs some minutes, once.
      EXPECT_LE(violated, budget_share * kMinutes + 15) << budget_share << " " << factor;
    }
  }
}

}  // namespace
}  // namespace autoscaler
