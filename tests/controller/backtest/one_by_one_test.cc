// The simulated service request by request: against closed forms, and against the fluid.
#include "controller/sim/service.h"

#include <gtest/gtest.h>

#include <cmath>

namespace autoscaler {
namespace {

using namespace std::chrono_literals;

constexpr double kServiceSeconds = 0.05;

Release station(int cores, Duration elsewhere = 0ms) {
  Release release;
  release.cpu_time = 50ms;
  release.wait_time = elsewhere;
  release.cores = cores;
  release.startup = 0s;
  return release;
}

// So many instances at this load for a while.
SimulatedService served(const Release& release, int instances, double rate, Duration promise,
                        Duration span, bool one_by_one) {
  SimulatedService service(release);
  service.promise = promise;
  service.one_by_one = one_by_one;
  for (int i = 0; i < instances; ++i) {
    const InstanceId id = "shop-" + std::to_string(i);
    service.launch("shop", id, Instant{});
    service.instances[id].registered = true;
  }
  service.pass(Instant{}, Instant{} + span, rate);
  return service;
}

double late_share(const SimulatedService& service) {
  return service.totals().late / service.totals().requests;
}

double mean_latency(const SimulatedService& service) {
  double seconds = 0;
  double requests = 0;
  for (const auto& [id, each] : service.instances) {
    seconds += each.counters.latency_seconds;
    requests += each.counters.requests;
  }
  return seconds / requests;
}

double cpu_share(const SimulatedService& service, Duration span) {
  double seconds = 0;
  double cores = 0;
  for (const auto& [id, each] : service.instances) {
    seconds += each.counters.cpu_seconds;
    cores += each.release.cores;
  }
  return seconds / cores / std::chrono::duration<double>(span).count();
}

// Erlang's C: of the requests to an M/M/k, those that find every server busy.
double waits(int k, double erlangs) {
  double term = 1;
  double sum = 0;
  for (int i = 0; i < k; ++i) {
    sum += term;
    term *= erlangs / (i + 1);
  }
  const double last = term / (1 - erlangs / k);
  return last / (sum + last);
}

// Of the requests to an M/M/k, those that take longer: the wait and the work, two exponentials.
double later_than(double seconds, int k, double utilization) {
  const double work = 1 / kServiceSeconds;
  const double erlangs = utilization * k;
  const double slack = k - 1 - erlangs;
  const double more =
      std::abs(slack) < 1e-9 ? work * seconds : (1 - std::exp(-work * seconds * slack)) / slack;
  return std::exp(-work * seconds) * (1 + waits(k, erlangs) * more);
}

TEST(OneByOne, IsAnMMkInItsTailItsMeanAndItsUtilization) {
  constexpr auto kSpan = 20min;
  for (const int k : {1, 2, 4}) {
    for (const double utilization : {0.3, 0.6, 0.8}) {
      SCOPED_TRACE(std::to_string(k) + " servers at " + std::to_string(utilization));
      const double rate = utilization * k / kServiceSeconds;
      const double mean =
          kServiceSeconds * (1 + waits(k, utilization * k) / (k * (1 - utilization)));
      const auto promise = std::chrono::round<Duration>(std::chrono::duration<double>(2 * mean));
      const auto service = served(station(k), 10, rate * 10, promise, kSpan, true);
      EXPECT_NEAR(service.totals().requests / (rate * 10 * 1200), 1, 0.01);
      EXPECT_NEAR(mean_latency(service) / mean, 1, 0.03);
      const double exact =
          later_than(std::chrono::duration<double>(promise).count(), k, utilization);
      EXPECT_NEAR(late_share(service) / exact, 1, 0.06);
      EXPECT_NEAR(cpu_share(service, kSpan), utilization, 0.01);
    }
  }
}

// What docs/backtest.md says of the fluid.
TEST(OneByOne, TheFluidIsAsLateAsItsRequestsOneByOne) {
  constexpr auto kSpan = 20min;
  for (const int k : {1, 2, 4}) {
    for (const Duration elsewhere : {0ms, 50ms}) {
      const Release release = station(k, elsewhere);
      for (const double load : {0.5, 0.8, 1.0}) {
        SCOPED_TRACE(std::to_string(k) + " cores, " + std::to_string(elsewhere.count()) +
                     " ms elsewhere, " + std::to_string(load) + " of what it carries");
        const double rate = std::min(load * rate_within(release, 750ms), 0.8 * k / kServiceSeconds);
        const auto fluid = served(release, 10, 10 * rate, 300ms, kSpan, false);
        const auto single = served(release, 10, 10 * rate, 300ms, kSpan, true);
        EXPECT_NEAR(late_share(fluid), late_share(single), 0.01);
        EXPECT_NEAR(mean_latency(fluid) / mean_latency(single), 1, 0.04);
        EXPECT_NEAR(cpu_share(fluid, kSpan), cpu_share(single, kSpan), 0.01);
      }
    }
  }
}

TEST(OneByOne, AnOverloadFailsAsManyAsInTheFluidAndRetriesMakeItWorse) {
  Release release = station(1);
  release.timeout = 5s;
  const auto failed = [&](bool one_by_one, double retries) {
    SimulatedService service(release);
    service.one_by_one = one_by_one;
    service.retries = retries;
    service.launch("shop", "shop-1", Instant{});
    service.instances["shop-1"].registered = true;
    service.pass(Instant{}, Instant{20min}, 26);  // of the 20 that it can do
    return service.totals().failed / service.totals().requests;
  };
  EXPECT_NEAR(failed(false, 0), 6.0 / 26, 0.01);
  EXPECT_NEAR(failed(true, 0), failed(false, 0), 0.02);
  EXPECT_GT(failed(true, 1), failed(true, 0) + 0.1);
  EXPECT_NEAR(failed(true, 1), failed(false, 1), 0.03);
}

TEST(OneByOne, WhatCameWasServedFailedOrIsStillThere) {
  SimulatedService service(station(1));
  service.one_by_one = true;
  for (const char* id : {"shop-1", "shop-2"}) {
    service.launch("shop", id, Instant{});
    service.instances[id].registered = true;
  }
  service.pass(Instant{}, Instant{3min}, 45);
  service.terminate("shop-2");
  service.pass(Instant{3min}, Instant{5min}, 15);
  const auto& totals = service.totals();
  double answered = 0;
  for (const double each : totals.latencies) answered += each;
  EXPECT_EQ(answered + totals.failed + service.instances["shop-1"].in_flight(), totals.requests);
  EXPECT_GT(totals.failed, 0);
}

TEST(OneByOne, LaunchesAreThoseOfTheFluidAndEachRunIsTheSame) {
  Release release = station(1);
  release.spread = 0.2;
  const auto run = [&](bool one_by_one) {
    return served(release, 5, 60, 300ms, 10min, one_by_one);
  };
  const auto first = run(true);
  EXPECT_EQ(first.totals().late, run(true).totals().late);
  EXPECT_EQ(first.instances.begin()->second.release.cores,
            run(false).instances.begin()->second.release.cores);
}

}  // namespace
}  // namespace autoscaler
