// The demo's sample service, measured under real load, beside the simulator that backtests run in.
#include "controller/sim/service.h"
#include "policies/histogram.h"
#include "tests/e2e/load/load_run.h"
#include "tests/e2e/load/sample_service.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdio>
#include <limits>

namespace autoscaler::e2e {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

// As ./dev demo starts it: 4 workers of 50 ms, which is 80 requests a second. It answers from a
// model, so that a worker is no core: what is simulated has four, and nothing elsewhere.
constexpr int kWorkers = 4;
constexpr int kSeconds = 20;

struct Seen {
  double p95_ms = 0;
  double utilization = 0;
};

Seen measured(double rate) {
  SampleService service({"--workers", "4", "--service-time", "50ms", "--queue", "400", "--jitter",
                         "exponential", "--seed", "7"});
  LoadRun load(service.url(),
               {"--rate", std::to_string(rate), "--duration", std::to_string(kSeconds) + "s"});
  const json summary = load.summary();
  EXPECT_EQ(summary.at("ok"), summary.at("offered")) << summary;
  return {summary.at("p95_ms"), service.metric("process_cpu_seconds_total") / kWorkers / kSeconds};
}

Seen simulated(double rate, bool one_by_one, uint64_t seed) {
  Release release;
  release.cpu_time = 50ms;
  release.wait_time = 0ms;
  release.cores = kWorkers;
  release.startup = 0s;
  SimulatedService service(release, seed);
  service.one_by_one = one_by_one;
  service.launch("shop", "shop-1", Instant{});
  service.instances["shop-1"].registered = true;
  service.pass(Instant{}, Instant{std::chrono::seconds(kSeconds)}, rate);
  std::vector<double> bounds(latency_bounds().begin(), latency_bounds().end());
  bounds.push_back(std::numeric_limits<double>::infinity());
  const double p95 = quantile_of(bounds, service.totals().latencies, 0.95).value_or(0);
  return {1000 * p95, service.instances["shop-1"].counters.cpu_seconds / kWorkers / kSeconds};
}

// Twenty seconds are a sample of chance themselves: the measured ones must lie among simulated ones
// of as long, with 15 % for the bounds of the histogram and what a busy machine adds.
TEST(SimulatedSampleService, IsAsBusyAndAsSlowAsTheRealOne) {
  std::printf("%8s %22s %30s %8s %22s\n", "load/s", "p95 measured, ms", "one by one (40 runs)",
              "fluid", "busy: measured, fluid");
  for (const double rate : {40, 56, 68}) {
    const Seen real = measured(rate);
    const Seen fluid = simulated(rate, false, 1);
    double least = std::numeric_limits<double>::infinity();
    double most = 0;
    double sum = 0;
    constexpr uint64_t kRuns = 40;
    for (uint64_t seed = 1; seed <= kRuns; ++seed) {
      const double p95 = simulated(rate, true, seed).p95_ms;
      least = std::min(least, p95);
      most = std::max(most, p95);
      sum += p95;
    }
    std::printf("%8.0f %22.0f %12.0f (%.0f to %.0f) %12.0f %13.1f %%, %.1f %%\n", rate, real.p95_ms,
                sum / kRuns, least, most, fluid.p95_ms, 100 * real.utilization,
                100 * fluid.utilization);
    EXPECT_GE(real.p95_ms, 0.85 * least);
    EXPECT_LE(real.p95_ms, 1.15 * most + 10);
    EXPECT_NEAR(real.utilization, fluid.utilization, 0.1);
  }
}

}  // namespace
}  // namespace autoscaler::e2e
