#include "controller/backtest/demand.h"

#include "tests/controller/backtest/loads.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace testing;

double deviation_of_noise(const Demand& demand) {
  double sum = 0;
  for (const double rate : demand.rates) {
    const double log = std::log(rate / (40 * fixed_world::rate_at_slo()));
    sum += log * log;
  }
  return std::sqrt(sum / static_cast<double>(demand.ticks()));
}

TEST(Demand, IsScaledSoThatThePeakNeeds40InstancesAndHasNoiseOf29Permille) {
  const auto demand = demand_of(synthetic_trace({.days = 20, .daily = 0, .noise = 0}));
  EXPECT_EQ(demand->ticks(), 20u * 5760);
  EXPECT_NEAR(deviation_of_noise(*demand), 0.029, 0.001);
  EXPECT_EQ(demand_of(synthetic_trace({.days = 20, .daily = 0, .noise = 0}))->rates, demand->rates)
      << "same name, same noise";
}

TEST(Demand, TheFirstWeekWarmsUpAndOfAShorterTraceHalf) {
  EXPECT_EQ(demand_of(synthetic_trace({.days = 20}))->first_scored, 7u * 5760);
  EXPECT_EQ(demand_of(synthetic_trace({.days = 6}))->first_scored, 3u * 5760);
}

TEST(Demand, OfALongTraceTheFirst52DaysAreUsed) {
  EXPECT_EQ(demand_of(synthetic_trace({.days = 60, .step_s = 3600}))->ticks(), 52u * 5760);
}

TEST(Demand, WhatWasNotRecordedIsNotScored) {
  const auto trace = parse_trace("holes", "timestamp,value\n0,1\n60,1\n300,1\n360,1\n");
  const auto demand = demand_of(*trace);
  for (size_t tick = 0; tick < demand->ticks(); ++tick) {
    const int64_t second = demand->at_s(tick);
    EXPECT_EQ(demand->in_gap[tick], second >= 120 && second < 300) << second;
    EXPECT_EQ(demand->scored(tick), second >= 210 && second >= 300) << second;
  }
}

TEST(Demand, OfSecondsEachTickIsTheMean) {
  std::string csv = "timestamp,value\n";
  for (int i = 0; i < 60; ++i) csv += std::to_string(i) + (i % 15 == 0 ? ",15\n" : ",0\n");
  const auto demand = demand_of(*parse_trace("seconds", csv));
  EXPECT_NEAR(demand->rates[0], 40 * fixed_world::rate_at_slo() / 15, 20);
}

TEST(Demand, OfNothingCannotBeScaled) {
  EXPECT_EQ(demand_of(*parse_trace("idle", "timestamp,value\n0,0\n60,0\n")).error().message,
            "idle: there is no load in it");
}

}  // namespace
}  // namespace autoscaler
