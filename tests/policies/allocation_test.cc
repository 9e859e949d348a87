#include "policies/forecast/forecaster.h"
#include "policies/predict/price.h"
#include "tests/policies/fleet_builder.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

// Counts every allocation of this program. Not part of sanitized builds, which bring their own.
namespace {
std::atomic<size_t> allocations{0};
}

// Not inlined: the compiler would take the pair of malloc and free for a mismatch.
[[gnu::noinline]] void* operator new(size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}

namespace autoscaler {
namespace {

using namespace testing;

TEST(Allocation, TheCounterCounts) {
  const size_t before = allocations;
  const std::vector<int> block(100);
  EXPECT_EQ(allocations - before, 1u);
}

// What most workloads have fits into a decision: one policy, one signal.
TEST(Allocation, ATickThatDecidesAsTheLastAllocatesNothing) {
  for (const int32_t size : {1, 10, 64}) {
    Case c = golden_case(size);
    c.spec.policies.resize(1);
    c.spec.signals.resize(1);
    c.signals.resize(1);
    Instant now = kStart;
    const auto tick = [&] {
      const auto decision = evaluate(c.spec, c.workload, c.signals, c.recent, now);
      record(c.spec, decision, Outcome::kHeld, now, c.recent);
      return decision.to;
    };
    const int32_t first = tick();
    const size_t before = allocations;
    for (int i = 0; i < 10; ++i) {
      now += 1s;
      ASSERT_EQ(tick(), first);
    }
    EXPECT_EQ(allocations - before, 0u) << size << " instances";
  }
}

// Five signals and three policies do not: a block for each of the two lists.
TEST(Allocation, ATickWithMoreAllocatesTwoBlocks) {
  Case c = golden_case(10);
  Instant now = kStart;
  const auto tick = [&] {
    const auto decision = evaluate(c.spec, c.workload, c.signals, c.recent, now);
    record(c.spec, decision, Outcome::kHeld, now, c.recent);
  };
  tick();
  const size_t before = allocations;
  for (int i = 0; i < 10; ++i) {
    now += 1s;
    tick();
  }
  EXPECT_EQ(allocations - before, 10 * 2u);
}

TEST(Allocation, APredictPolicyAllocatesNothingFurther) {
  Case c = golden_case(10);
  PredictSpec predict;
  predict.signal = 2;
  predict.mode = PredictSpec::Mode::kFull;
  predict.per_instance = 120;
  c.spec.policies[2] = {"predict", predict};
  Prediction prediction;
  prediction.policy = 2;
  prediction.gate = Gate::kOpen;
  prediction.at = kStart;
  prediction.lead = prediction.hold = 4min;
  prediction.lead_highest = prediction.hold_highest =
      QuantileValues{900, 950, 1000, 1050, 1100, 1150, 1200, 1250};
  prediction.usual = prediction.peak = 1000;
  c.workload.predictions = {prediction};
  Instant now = kStart;
  const auto tick = [&] {
    const auto decision = evaluate(c.spec, c.workload, c.signals, c.recent, now);
    record(c.spec, decision, Outcome::kHeld, now, c.recent);
    return decision.proposals[2].replicas;
  };
  const auto first = tick();
  ASSERT_TRUE(first);
  const size_t before = allocations;
  for (int i = 0; i < 10; ++i) {
    now += 1s;
    ASSERT_EQ(tick(), first);
  }
  EXPECT_EQ(allocations - before, 10 * 2u);
}

TEST(Allocation, AForecastAndASizeFromItAllocateNothing) {
  const size_t before = allocations;
  Forecaster forecaster(3, 8);
  int32_t size = 1;
  for (int64_t minute = 30'000'000; minute < 30'003'000; ++minute) {
    const double load = minute % 1440 < 720 ? 500.0 : 2000.0;
    forecaster.learn(minute, minute % 97 == 0 ? std::nullopt : std::optional(load), {});
    const auto expected = forecaster.expect(Forecaster::Reach::kLead);
    if (expected) size = instances_worth(expected->highest, 80, 15, 3);
  }
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_GE(size, 7);
}

}  // namespace
}  // namespace autoscaler
