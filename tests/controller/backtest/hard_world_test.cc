#include "controller/backtest/hard_world.h"

#include "controller/backtest/rivals.h"
#include "tests/controller/backtest/loads.h"
#include "tests/controller/backtest/script.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace autoscaler {
namespace {

using namespace testing;
using namespace hard_world;

constexpr size_t kTicksADay = 5760;
constexpr int64_t kLead = 120;
constexpr size_t kLeadTicks = 8;

Demand steady(double instances, size_t days) {
  return demand_in_instances(std::vector<double>(days * kTicksADay, instances));
}

// How long each of a thousand launches, one an hour, took to serve, in ticks.
std::vector<size_t> times_to_serve() {
  const Demand demand = steady(0.5, 1000 / 24);
  std::vector<size_t> took;
  size_t asked = 0;
  Script script([&](const Sight& sight) {
    if (sight.tick % 240 == 0) asked = sight.tick;
    if (sight.tick == asked) return sight.serving + 1;
    if (sight.serving < 2) return sight.size;
    took.push_back(sight.tick - asked);
    return 1;
  });
  run_hard_world(demand, Hardships(demand), kLead, script);
  return took;
}

TEST(HardWorld, OneLaunchInTenIsSlowAndThreeInAHundredFailFirst) {
  const std::vector<size_t> took = times_to_serve();
  ASSERT_GT(took.size(), 900u);
  const auto share = [&](size_t from, size_t to) {
    const auto count = std::count_if(took.begin(), took.end(),
                                     [&](size_t each) { return each >= from && each < to; });
    return static_cast<double>(count) / static_cast<double>(took.size());
  };
  EXPECT_NEAR(share(kLeadTicks, kLeadTicks + 1), 0.97 * 0.9, 0.03);
  EXPECT_GE(*std::min_element(took.begin(), took.end()), kLeadTicks);
  EXPECT_NEAR(share(3 * kLeadTicks, 1000), 1 - 0.97 * 0.9, 0.03) << "slow, or failed and then good";
}

TEST(HardWorld, OutagesAreGapsInWhatIsLearnedAndSamplesAreLostBeside) {
  const Demand demand = steady(2, 60);
  const Hardships hardships(demand);
  const Demand seen = hardships.seen_of(demand);
  size_t lost = 0;
  size_t out = 0;
  for (size_t tick = 0; tick < demand.ticks(); ++tick) {
    EXPECT_EQ(seen.in_gap[tick], hardships.in_outage(tick));
    out += hardships.in_outage(tick);
    lost += !hardships.is_seen(tick);
  }
  const auto ticks = static_cast<double>(demand.ticks());
  EXPECT_NEAR(static_cast<double>(out) / ticks, kOutageSeconds / kOutageEverySeconds, 0.005);
  EXPECT_NEAR(static_cast<double>(lost - out) / ticks, kLostSamples, 0.002);
}

TEST(HardWorld, WhatCannotBeReadIsMissingAndNotZero) {
  const Demand demand = steady(2, 10);
  const Hardships hardships(demand);
  Script script([](const Sight&) { return 4; });
  run_hard_world(demand, hardships, kLead, script);
  for (size_t tick = 2; tick < demand.ticks(); ++tick) {
    ASSERT_EQ(script.seen[tick].rate.has_value(), hardships.is_seen(tick - 2)) << tick;
    ASSERT_NEAR(script.seen[tick].rate.value_or(172), 172, 1e-9) << tick;
    ASSERT_GT(script.seen[tick].rate_mean, tick < 5 ? 0 : 171) << tick;
  }
}

TEST(HardWorld, ADeployIsPaidTwiceForALeadAndServesOn) {
  const Demand demand = steady(2, 30);
  const Hardships hardships(demand);
  size_t deploys = 0;
  for (size_t tick = 0; tick < demand.ticks(); ++tick) deploys += hardships.deploys(tick);
  ASSERT_GT(deploys, 5u);
  Script script([](const Sight&) { return 8; });
  const Score score = run_hard_world(demand, hardships, kLead, script);
  EXPECT_EQ(score.violating_s, 0);
  EXPECT_EQ(score.actions, 1) << "the first of all: the size stands";
  // Eight in four batches, each for a lead at least; one slow or failed launch makes two wait.
  const double least = static_cast<double>(deploys) * 8 * 120 / 3600;
  const double paid = score.instance_hours - 30 * 24 * 8;
  EXPECT_GE(paid, least);
  EXPECT_LE(paid, 3 * least);
}

TEST(HardWorld, InstancesAreNotAllAlikeAndRetriesMakeAnOverloadWorse) {
  const auto violating = [](double load) {
    const Demand demand = steady(load, 2);
    Script script([](const Sight&) { return 10; });
    return run_hard_world(demand, Hardships(demand), kLead, script).violating_s;
  };
  EXPECT_EQ(violating(8), 0);
  EXPECT_GT(violating(10.4), 86400);
  const Demand demand = steady(13, 1);
  Script script([](const Sight&) { return 10; });
  run_hard_world(demand, Hardships(demand), kLead, script);
  EXPECT_GT(script.seen.back().rate_mean, 1.05 * 13 * 86) << "who went away came again";
}

TEST(HardWorld, IsTheSameEachTimeAndHarderThanThePlainOne) {
  const Demand demand = *demand_of(synthetic_trace({.days = 4, .daily = 0.2, .business = 2.5}));
  const auto run = [&] {
    return run_hard_world(demand, Hardships(demand), 300, *make_hpa(70, demand));
  };
  const Score first = run();
  const Score second = run();
  EXPECT_EQ(first.violating_s, second.violating_s);
  EXPECT_EQ(first.instance_hours, second.instance_hours);
  EXPECT_GT(first.violating_s, run_world(demand, 300, *make_hpa(70, demand)).violating_s);
}

}  // namespace
}  // namespace autoscaler
