#include "controller/sim/service.h"

#include <gtest/gtest.h>

namespace autoscaler {
namespace {

using namespace std::chrono_literals;

Release one_core() {
  Release release;
  release.cpu_time = 10ms;
  release.wait_time = 0ms;
  release.startup = 0s;
  return release;
}

// What the fluid says of ten minutes at this load.
SimulatedService::Totals served_as_fluid(double rate, Duration promise) {
  SimulatedService service(one_core());
  service.promise = promise;
  const Instant begin{};
  service.launch("shop", "shop-1", begin);
  service.instances["shop-1"].registered = true;
  service.pass(begin, begin + 10min, rate);
  return service.totals();
}

TEST(SimulatedService, WhatAnInstanceCarriesWithinThePromiseIsLateFivePercent) {
  for (const Duration promise : {50ms, 100ms, 300ms}) {
    const double rate = rate_within(one_core(), promise);
    const SimulatedService::Totals totals = served_as_fluid(rate, promise);
    EXPECT_NEAR(totals.late / totals.requests, 0.05, 0.002) << promise.count();
  }
  EXPECT_EQ(rate_within(one_core(), 20ms), 0);  // not even an idle one: 30 ms
}

// Nothing is lost or found: what came was served, failed, or is still there.
TEST(SimulatedService, RequestsAreKept) {
  SimulatedService service(one_core());
  service.launch("shop", "shop-1", Instant{});
  service.instances["shop-1"].registered = true;
  service.pass(Instant{}, Instant{10min}, 130);  // a third too many
  const auto& totals = service.totals();
  const SimulatedInstance& instance = service.instances["shop-1"];
  double served = 0;
  for (const double each : totals.latencies) served += each;
  EXPECT_NEAR(totals.requests, 130 * 600, 1e-6);
  EXPECT_NEAR(served + totals.failed + instance.waiting, totals.requests, 1e-6 * totals.requests);
}

}  // namespace
}  // namespace autoscaler
