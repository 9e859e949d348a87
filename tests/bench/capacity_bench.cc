#include "policies/capacity_sampler.h"
#include "tests/policies/fleet_builder.h"
#include "tests/policies/simulated_service.h"

#include <benchmark/benchmark.h>

// What learning a capacity costs, in microseconds for a workload: a tick without a new window, one
// with it, and reading the capacity off the whole curve, which only follows a sample.
namespace autoscaler {
namespace {

using namespace testing;

SimulatedService learned_service() {
  SimulatedService service(station(0.05, 5));
  service.live(1, 1.1 * service.truth());
  return service;
}

void learn_tick(benchmark::State& state) {
  Case c = golden_case(10);
  c.spec.policies = {{"rps", track(0, TrackSpec::Target::kLearned, 2)}};
  c.spec.slo = Slo{4, 0.3};
  for (SignalSpec& signal : c.spec.signals) signal.max_age = Duration{0};
  CapacityState learned = learned_service().state();
  Instant now = kStart + 48h;
  for (auto _ : state) {
    now += Duration{state.range(0)};
    learn_capacity(c.spec, 2, c.workload, c.signals, false, now, learned);
    benchmark::DoNotOptimize(learned.last_sample_ms);
  }
}
BENCHMARK(learn_tick)->ArgName("ms_later")->Arg(1)->Arg(30'000)->Unit(benchmark::kMicrosecond);

void read_capacity(benchmark::State& state) {
  SimulatedService service = learned_service();
  for (auto _ : state) benchmark::DoNotOptimize(service.capacity());
}
BENCHMARK(read_capacity)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace autoscaler

BENCHMARK_MAIN();
