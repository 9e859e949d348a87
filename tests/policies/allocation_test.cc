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

TEST(Allocation, ATickThatDecidesAsTheLastAllocatesNothing) {
  for (const int32_t size : {1, 10, 64}) {
    Case c = golden_case(size);
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

}  // namespace
}  // namespace autoscaler
