#include "controller/backtest/noise.h"
#include "controller/sim/service.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace autoscaler {
namespace {

using namespace std::chrono_literals;

constexpr double kServiceSeconds = 0.01;

Release one_core() {
  Release release;
  release.cpu_time = 10ms;
  release.wait_time = 0ms;
  release.startup = 0s;
  return release;
}

// Requests one by one: exponential times between arrivals and of work, one queue for each of
// `servers`, chosen by chance. Returns all response times.
std::vector<double> served_one_by_one(double rate, size_t servers, int requests) {
  Noise chance("requests");
  const auto exponential = [&chance](double mean) { return -mean * std::log(chance.uniform()); };
  std::vector<double> free_at(servers, 0);
  std::vector<double> took;
  double now = 0;
  for (int i = 0; i < requests; ++i) {
    now += exponential(1 / rate);
    double& free = free_at[static_cast<size_t>(chance.uniform() * static_cast<double>(servers))];
    free = std::max(free, now) + exponential(kServiceSeconds);
    took.push_back(free - now);
  }
  return took;
}

double share_later(const std::vector<double>& took, double seconds) {
  const auto late =
      std::count_if(took.begin(), took.end(), [seconds](double each) { return each > seconds; });
  return static_cast<double>(late) / static_cast<double>(took.size());
}

// What the fluid says of ten minutes at this load.
SimulatedService::Totals served_as_fluid(double rate, int servers, Duration promise) {
  SimulatedService service(one_core());
  service.promise = promise;
  const Instant begin{};
  for (int i = 0; i < servers; ++i) {
    const InstanceId id = "shop-" + std::to_string(i);
    service.launch("shop", id, begin);
    service.instances[id].registered = true;
  }
  service.pass(begin, begin + 10min, rate);
  return service.totals();
}

TEST(SimulatedService, TheFluidIsLateAsOftenAsAQueueServedOneByOne) {
  for (const size_t servers : {1, 3}) {
    for (const double utilization : {0.3, 0.6, 0.8, 0.9}) {
      const double rate = utilization * static_cast<double>(servers) / kServiceSeconds;
      // The p95 of M/M/1: ln(20) / (service rate - arrival rate).
      const double p95 = std::log(20.0) * kServiceSeconds / (1 - utilization);
      const auto promise = std::chrono::round<Duration>(std::chrono::duration<double>(p95));
      const double exact = std::chrono::duration<double>(promise).count();
      const SimulatedService::Totals fluid =
          served_as_fluid(rate, static_cast<int>(servers), promise);
      const double late = fluid.late / fluid.requests;
      const double late_one_by_one =
          share_later(served_one_by_one(rate, servers, 3'000'000), exact);
      EXPECT_NEAR(late, 0.05, 0.003) << servers << " at " << utilization;
      // At 90 % a busy time is so long that three million requests are 4,300 independent ones.
      EXPECT_NEAR(late_one_by_one, late, utilization > 0.85 ? 0.009 : 0.003)
          << servers << " at " << utilization;
    }
  }
}

TEST(SimulatedService, WhatAnInstanceCarriesWithinThePromiseIsLateFivePercent) {
  for (const Duration promise : {50ms, 100ms, 300ms}) {
    const double rate = rate_within(one_core(), promise);
    const SimulatedService::Totals totals = served_as_fluid(rate, 1, promise);
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
