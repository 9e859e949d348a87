#include "controller/backtest/demand.h"

#include "tests/controller/backtest/loads.h"

#include <gtest/gtest.h>

#include <utility>

namespace autoscaler {
namespace {

using namespace testing;

const double kPeakRate = 40 * fixed_world::rate_at_slo();

// Logarithms of the noise on a level load: standard deviation, and correlation with the next tick.
std::pair<double, double> noise_of(const Demand& demand) {
  double squares = 0;
  double products = 0;
  double last = 0;
  for (const double rate : demand.rates) {
    const double log = std::log(rate / kPeakRate);
    squares += log * log;
    products += log * last;
    last = log;
  }
  return {std::sqrt(squares / static_cast<double>(demand.ticks())), products / squares};
}

// A minute a row: so many of a thousand are a hundred, at the end, and the others one.
Demand with_high_rows(int count) {
  Trace trace{.name = "high", .rows = {}, .notes = {}};
  for (int i = 0; i < 1000; ++i) trace.rows.push_back({60 * i, i < 1000 - count ? 1.0 : 100.0});
  return *demand_of(trace);
}

std::string complaint(const std::string& rows) {
  const auto demand = demand_of(*parse_trace("shop", "timestamp,value\n" + rows));
  return demand ? "" : demand.error().message;
}

TEST(Demand, IsScaledSoThatThePeakNeeds40InstancesAndHasNoiseOf29PermilleThatLasts) {
  const auto demand = demand_of(synthetic_trace({.days = 20, .daily = 0, .noise = 0}));
  EXPECT_EQ(demand->ticks(), 20u * 5760);
  const auto [deviation, correlation] = noise_of(*demand);
  EXPECT_NEAR(deviation, 0.029, 0.0005);
  EXPECT_NEAR(correlation, 0.5, 0.01);
  EXPECT_EQ(demand_of(synthetic_trace({.days = 20, .daily = 0, .noise = 0}))->rates, demand->rates)
      << "same name, same noise";
}

TEST(Demand, ItsPeakIsThe995thPermilleOfTheValues) {
  // Of 1000 values the 995th from below: the fifth of the highest.
  EXPECT_NEAR(with_high_rows(5).rates[0], kPeakRate / 100, 0.15 * kPeakRate / 100);
  EXPECT_NEAR(with_high_rows(4).rates[0], kPeakRate, 0.15 * kPeakRate);
}

TEST(Demand, WhereNearlyAllIs0TheHighestValueIsThePeak) {
  std::string csv = "timestamp,value\n";
  for (int i = 0; i < 1000; ++i) csv += std::to_string(60 * i) + (i == 500 ? ",3\n" : ",0\n");
  const auto demand = demand_of(*parse_trace("sparse", csv));
  ASSERT_TRUE(demand);
  EXPECT_TRUE(demand->scaled_by_peak);
  EXPECT_NEAR(demand->rates[2000], kPeakRate, 0.15 * kPeakRate);
  EXPECT_FALSE(with_high_rows(5).scaled_by_peak);
}

TEST(Demand, TheFirstWeekWarmsUpAndOfATraceShorterThanTwoHalf) {
  EXPECT_EQ(demand_of(synthetic_trace({.days = 20}))->first_scored, 7u * 5760);
  EXPECT_EQ(demand_of(synthetic_trace({.days = 14}))->first_scored, 7u * 5760);
  EXPECT_EQ(demand_of(synthetic_trace({.days = 10}))->first_scored, 5u * 5760);
  EXPECT_EQ(demand_of(synthetic_trace({.days = 6}))->first_scored, 3u * 5760);
}

TEST(Demand, OfALongTraceTheFirst52DaysAreUsed) {
  EXPECT_EQ(demand_of(synthetic_trace({.days = 60, .step_s = 3600}))->ticks(), 52u * 5760);
}

TEST(Demand, WhatWasNotRecordedIsNotScored) {
  const auto trace =
      parse_trace("holes", "timestamp,value\n0,1\n300,1\n600,1\n1500,1\n1800,1\n2101,1\n");
  const auto demand = demand_of(*trace);
  for (size_t tick = 0; tick < demand->ticks(); ++tick) {
    const int64_t second = demand->at_s(tick);
    EXPECT_EQ(demand->in_gap[tick], second >= 900 && second < 1500) << second;
    EXPECT_EQ(demand->scored(tick), second >= 1500) << second;
  }
}

TEST(Demand, OfSecondsEachTickIsTheMean) {
  std::string csv = "timestamp,value\n";
  for (int i = 0; i < 1200; ++i) csv += std::to_string(i) + (i % 15 == 0 ? ",15\n" : ",0\n");
  const auto demand = demand_of(*parse_trace("seconds", csv));
  EXPECT_NEAR(demand->rates[0], 40 * fixed_world::rate_at_slo() / 15, 20);
}

TEST(Demand, ThereMustBeALoadThatIsLongEnoughAndKnownWhereItIsScored) {
  EXPECT_EQ(complaint("0,0\n600,0\n1200,0\n"), "every value is 0: there is no load in it");
  EXPECT_EQ(complaint("0,5\n1,5\n"),
            "it is 2 s long, and 1200 are the least: half of it is warm-up");
  EXPECT_NE(complaint("0,5\n300,5\n600,5\n899,5\n"), "");
  EXPECT_EQ(complaint("0,5\n300,5\n600,5\n900,5\n"), "");
  EXPECT_EQ(complaint("0,5\n300,5\n600,5\n5184000,5\n"),
            "nothing is recorded after the warm-up, where it would be scored")
      << "the last row is past the 52 days";
}

}  // namespace
}  // namespace autoscaler
