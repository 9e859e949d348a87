#include "tests/policies/fleet_builder.h"

#include <benchmark/benchmark.h>

// One tick of evaluate and record over a whole fleet: 5 signals of 10 instances each (one of them a
// histogram of 13 buckets) and 3 policies a workload. Aim: 10,000 workloads in 50 ms on one core.
namespace autoscaler {
namespace {

using namespace testing;

void evaluate_fleet(benchmark::State& state) {
  std::vector<Case> fleet;
  for (int64_t i = 0; i < state.range(0); ++i) {
    fleet.push_back(golden_case(static_cast<int32_t>(state.range(1)), static_cast<size_t>(i)));
  }
  Instant now = kStart;
  for (auto _ : state) {
    now += 1ms;
    for (Case& c : fleet) {
      const auto decision = evaluate(c.spec, c.workload, c.signals, c.recent, now);
      record(c.spec, decision, Outcome::kSkipped, now, c.recent);
      benchmark::DoNotOptimize(decision.to);
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(evaluate_fleet)
    ->ArgNames({"workloads", "instances"})
    ->Args({10'000, 1})
    ->Args({10'000, 3})
    ->Args({10'000, 10})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace autoscaler

BENCHMARK_MAIN();
