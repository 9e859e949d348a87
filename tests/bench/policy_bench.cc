#include "policies/formula_parser.h"
#include "tests/policies/fleet_builder.h"

#include <benchmark/benchmark.h>

#include <functional>

// Microseconds for one decision (evaluate and record) by kind of policy, of a workload with one
// such policy and the five golden signals of 10 instances. `signals` is what every decision pays
// for before a policy is asked.
namespace autoscaler {
namespace {

using namespace testing;

constexpr int32_t kInstances = 10;

void decide_again(benchmark::State& state, Case c) {
  Instant now = kStart;
  for (auto _ : state) {
    now += 1ms;
    const auto decision = evaluate(c.spec, c.workload, c.signals, c.recent, now);
    record(c.spec, decision, Outcome::kSkipped, now, c.recent);
    benchmark::DoNotOptimize(decision.to);
  }
}

Case with(std::vector<PolicySpec> policies) {
  Case c = golden_case(kInstances);
  c.spec.policies = std::move(policies);
  c.recent = first_sight(c.spec, kInstances, kStart - 1h);
  return c;
}

PolicyRule burst_rule() {
  TrackSpec rule = track(120, TrackSpec::Target::kPerInstance, 2);
  rule.burst = TrackSpec::Burst{.signal = 2};
  return rule;
}

PolicyRule step_rule() {
  StepSpec rule;
  rule.out =
      StepSpec::Rule{.mark = {0, true, 0.7},
                     .steps = {{.from = 0, .change = {1, {}}}, {.from = 0.1, .change = {2, {}}}}};
  rule.in = StepSpec::Rule{.mark = {0, false, 0.2}, .steps = {{.from = 0, .change = {1, {}}}}};
  return rule;
}

PolicyRule formula_rule(const std::string& text) {
  const std::vector<std::string> names = {"cpu", "memory", "rps", "errors", "latency"};
  return *parse_formula(text, names);
}

Case hpa_case(bool own) {
  Case c = with({{"cpu", track(0.65)}});
  c.spec.hpa = HpaFlags{};
  c.spec.signals[0].is_utilization = true;
  for (Instance& instance : c.workload.instances.edit()) {
    PodFacts pod;
    pod.started = kStart - 1h;
    pod.ready = true;
    pod.ready_changed = kStart - 50min;
    pod.containers = {{"main", {{"cpu", 1000}}}};
    instance.pod = pod;
  }
  if (own) return c;
  HpaMetricSpec metric;
  metric.resource = "cpu";
  metric.target = 65;
  c.spec.policies = {{"cpu", metric}};
  c.spec.signals[0].kind = SignalSpec::Kind::kQuantity;
  for (InstanceReading& row : std::get<InstanceReadings>(c.signals[0].readings).edit()) {
    row.reading = measured(ContainerUsage{{{"main", 640}}});
  }
  return c;
}

// Two windows and a bound move the number: the stages run twice, for what the last one cost.
Case limited_case() {
  Case c = with({{"rps", track(5, TrackSpec::Target::kPerInstance, 2)}});
  c.spec.bounds.max = 15;
  return c;
}

Case grouped_case() {
  Case c =
      with({{"cpu", track(0.65), 0}, {"rps", track(120, TrackSpec::Target::kPerInstance, 2), 0}});
  c.spec.groups = {{"busy"}};
  return c;
}

Case learned_case() {
  Case c = with({{"rps", track(0, TrackSpec::Target::kLearned, 2)}});
  c.spec.slo = Slo{4, 0.3};
  c.workload.capacities.resize(c.spec.signals.size());
  c.workload.capacities[2] = {CapacityEvidence::kKnee, 120, 130, 115, 320};
  return c;
}

void add(const char* name, const std::function<Case()>& make) {
  benchmark::RegisterBenchmark(name, [make](benchmark::State& state) {
    decide_again(state, make());
  })->Unit(benchmark::kMicrosecond);
}

void add_all() {
  add("signals", [] { return with({}); });
  add("track", [] { return with({{"p", track(0.65)}}); });
  add("track_with_burst", [] { return with({{"p", burst_rule()}}); });
  add("track_learned", learned_case);
  add("threshold", [] { return with({{"p", latency_and_errors()}}); });
  add("step", [] { return with({{"p", step_rule()}}); });
  add("formula", [] { return with({{"p", formula_rule("rps / 12 + default(errors, 0) * 9")}}); });
  add("group_of_two_tracks", grouped_case);
  add("hpa_track", [] { return hpa_case(true); });
  add("hpa_resource", [] { return hpa_case(false); });
  add("track_limited_with_counterfactual", limited_case);
}

}  // namespace
}  // namespace autoscaler

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  autoscaler::add_all();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
