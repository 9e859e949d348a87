#include "controller/backtest/fluid_queue.h"

#include "controller/backtest/noise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace autoscaler {
namespace {

TEST(FluidQueue, ViolatesFromTheUtilisationOnAtWhichP95MeetsTheSlo) {
  FluidQueue queue;
  EXPECT_FALSE(queue.serve(10 * 86, 10).violated);
  EXPECT_TRUE(queue.serve(10 * 87, 10).violated);
  EXPECT_DOUBLE_EQ(queue.serve(500, 10).utilisation, 0.5);
}

TEST(FluidQueue, WhatCannotBeServedWaitsAndIsServedLater) {
  FluidQueue queue;
  EXPECT_TRUE(queue.serve(1100, 10).violated);  // 100 a second too many, for 15 s
  EXPECT_DOUBLE_EQ(queue.backlog(), 1500);
  const auto after = queue.serve(500, 10);  // 1.5 s of waiting
  EXPECT_TRUE(after.violated);
  EXPECT_DOUBLE_EQ(after.utilisation, 0.6);
  EXPECT_DOUBLE_EQ(queue.backlog(), 0);
  EXPECT_FALSE(queue.serve(500, 10).violated);
}

TEST(FluidQueue, WhatWouldWaitMoreThanTenSecondsGoesAway) {
  FluidQueue queue;
  for (int i = 0; i < 10; ++i) queue.serve(10'000, 10);
  EXPECT_DOUBLE_EQ(queue.backlog(), 10'000);  // 10 s of 1000 a second
}

// The station itself, request by request: 5 workers that take exponential times.
TEST(FluidQueue, ItsLatencyIsThatOfAQueueServedRequestByRequest) {
  for (const double utilisation : {0.7, 0.8, 0.862, 0.9}) {
    Noise noise("queue");
    std::array<double, 5> free_at{};
    std::vector<double> waits;
    double now = 0;
    for (int i = 0; i < 400'000; ++i) {
      now -= std::log(noise.uniform()) / (100 * utilisation);
      auto first = std::min_element(free_at.begin(), free_at.end());
      waits.push_back(std::max(0.0, *first - now));
      *first = std::max(*first, now) - std::log(noise.uniform()) * 0.05;
    }
    const auto p95 = waits.begin() + static_cast<std::ptrdiff_t>(waits.size() * 95 / 100);
    std::nth_element(waits.begin(), p95, waits.end());
    const double formula =
        p95_seconds(fixed_world::kStation, utilisation) - fixed_world::kStation.service_p95_seconds;
    EXPECT_NEAR(*p95 / formula, 1, 0.06) << utilisation;
  }
}

}  // namespace
}  // namespace autoscaler
