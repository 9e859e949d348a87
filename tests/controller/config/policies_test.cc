#include "controller/config/config.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;

// A workload with these policies (and what stands behind them, indented by 4).
std::string config_of(const std::string& policies) {
  return R"(
workloads:
  - name: shop
    target: {process: {command: [srv, "{port}"], ports: 9000-9039}}
    replicas: {min: 1, max: 20}
    loadBalancer: {haproxy: {socket: "127.0.0.1:9999", backend: shop}}
    signals:
      cpu: {source: scrape, counter: cpu_total, capacity: 2}
      rps: {source: balancer, value: requestRate, window: 1m}
      rps-fast: {source: balancer, value: requestRate, window: 10s}
      queue: {source: balancer, value: queue}
      latency: {source: scrape, histogram: duration_seconds}
      share: {source: prometheus, query: vector(1), unit: ratio}
    policies:
)" + policies +
         "sources: {prometheus: {url: http://127.0.0.1:9090}}\n";
}

std::string problems_of(const std::string& policies) {
  std::string text;
  for (const ConfigProblem& problem : parse_config(config_of(policies), "test.yaml").problems) {
    text += problem.path + ": " + problem.message + "\n";
  }
  return text;
}

WorkloadSpec read(const std::string& policies) {
  const ConfigResult result = parse_config(config_of(policies), "test.yaml");
  EXPECT_TRUE(result.config) << problems_of(policies);
  return result.config ? result.config->workloads[0].spec : WorkloadSpec{};
}

TEST(PoliciesSection, AStepPolicyWithAllItsKeys) {
  const WorkloadSpec spec = read(R"(
      - step:
          out:
            signal: cpu
            atLeast: 60%
            steps:
              - {to: 10%, add: 1}
              - {from: 10%, to: 20%, add: 25%, minimum: 2}
              - {from: 20%, size: 20}
            for: 3
            cooldown: 1m
          in: {signal: cpu, atMost: 30%, steps: [{remove: 1}]}
          cooldown: 2m
)");
  ASSERT_EQ(spec.policies.size(), 1u);
  EXPECT_EQ(spec.policies[0].name, "step-1");
  const auto& step = std::get<StepSpec>(spec.policies[0].rule);
  EXPECT_TRUE(step.out->mark.above);
  EXPECT_EQ(step.out->mark.value, 0.6);
  EXPECT_EQ(step.out->samples, 3);
  EXPECT_EQ(step.out->cooldown, minutes(1));
  ASSERT_EQ(step.out->steps.size(), 3u);
  EXPECT_EQ(step.out->steps[0].change.instances, 1);
  EXPECT_EQ(step.out->steps[1].from, 0.1);
  EXPECT_EQ(step.out->steps[1].change.percent, 25);
  EXPECT_EQ(step.out->steps[1].minimum, 2);
  EXPECT_EQ(step.out->steps[2].size, 20);
  EXPECT_FALSE(step.in->mark.above);
  EXPECT_EQ(step.in->cooldown, minutes(2));
}

std::string out_steps(const std::string& steps) {
  return "      - step: {out: {signal: latency, atLeast: 300ms, steps: [" + steps + "]}}\n";
}

TEST(PoliciesSection, StepsLeaveNoGapAndDoNotOverlap) {
  const struct {
    const char* steps;
    const char* place;
    const char* remedy;
  } cases[] = {
      {"{from: 10ms, add: 1}", "steps[0].from", "gap between the mark and the first step"},
      {"{to: 50ms, add: 1}, {from: 60ms, add: 2}", "steps[1].from", "leaves a gap after"},
      {"{to: 50ms, add: 1}, {from: 40ms, add: 2}", "steps[1].from", "overlaps the step before"},
      {"{add: 1}, {from: 50ms, add: 2}, {from: 50ms, add: 3}", "steps[2].from", "ascending order"},
      {"{add: 1}, {add: 2}", "steps[1].from", "only the first step begins at the mark"},
      {"{to: 50ms, add: 1}", "steps[0].to", "it has no end"},
      {"{from: 10, add: 1}", "steps[0].from", "the unit of the signal 'latency'"},
      {"{add: 2, minimum: 1}", "steps[0].minimum", "the least that a percentage means"},
      {"{size: 2, minimum: 1}", "steps[0].minimum", "it goes with add"},
      {"{size: 2, add: 1}", "steps[0].size", "exactly one of add or size"},
      {"{remove: 1}", "steps[0].remove", "unknown key"},
      {"", "steps", "at least 1"},
  };
  for (const auto& c : cases) {
    const std::string problems = problems_of(out_steps(c.steps));
    EXPECT_THAT(problems, HasSubstr(c.place)) << c.steps;
    EXPECT_THAT(problems, HasSubstr(c.remedy)) << c.steps;
  }
  EXPECT_EQ(
      problems_of(out_steps("{add: 1}, {from: 50ms, to: 0.1s, add: 2}, {from: 100ms, add: 3}")),
      "");
}

TEST(PoliciesSection, MarksOfAStepPolicyLeaveAGapBetweenThem) {
  const auto both = [](const char* low) {
    return std::string(
               "      - step: {out: {signal: cpu, atLeast: 60%, steps: [{add: 1}]}, "
               "in: {signal: cpu, atMost: ") +
           low + ", steps: [{remove: 1}]}}\n";
  };
  EXPECT_EQ(problems_of(both("59%")), "");
  EXPECT_THAT(problems_of(both("60%")), HasSubstr("Leave a gap")) << "60 % is past both";
}

TEST(PoliciesSection, AFormulaIsReadWithItsSignals) {
  const WorkloadSpec spec = read(
      "      - formula: rps / 120 + max(queue, 0) / 50\n"
      "      - {name: mine, formula: \"'rps-fast' > 10 ? 3 : 1\"}\n");
  EXPECT_EQ(spec.policies[0].name, "formula-1");
  EXPECT_EQ(spec.policies[1].name, "mine");
  const auto& formula = std::get<FormulaSpec>(spec.policies[0].rule);
  EXPECT_EQ(formula.text, "rps / 120 + max(queue, 0) / 50");
  EXPECT_THAT(problems_of("      - formula: rsp / 120\n"),
              HasSubstr("policies[0].formula: found 'rsp / 120': column 1: no signal is called"));
}

TEST(PoliciesSection, ABurstNeedsTheSameLoadOverAShorterWindow) {
  const auto track = [](const char* burst) {
    return std::string("      - track: {signal: rps, perInstance: 120/s, burst: ") + burst + "}\n";
  };
  const WorkloadSpec spec = read(track("{signal: rps-fast, times: 1.5, hold: 30s}"));
  const auto& burst = std::get<TrackSpec>(spec.policies[0].rule).burst;
  ASSERT_TRUE(burst);
  EXPECT_EQ(burst->signal, 2u);
  EXPECT_EQ(burst->ratio, 1.5);
  EXPECT_EQ(burst->hold, seconds(30));
  const WorkloadSpec plain = read(track("{signal: rps-fast}"));
  EXPECT_EQ(std::get<TrackSpec>(plain.policies[0].rule).burst->ratio, 2);
  EXPECT_THAT(problems_of(track("{signal: rps}")), HasSubstr("a second one of the same source"));
  EXPECT_THAT(problems_of(track("{signal: queue}")), HasSubstr("must have its unit"));
  EXPECT_THAT(problems_of(track("{signal: cpu}")), HasSubstr("must have its unit"));
  EXPECT_THAT(problems_of(track("{signal: rps-fast, times: 0.5}")), HasSubstr("1 to 1000"));
  EXPECT_THAT(problems_of(track("{times: 2}")),
              HasSubstr("track.burst.signal: missing, and it is required"));
}

TEST(PoliciesSection, GroupsNameTheirPolicies) {
  const std::string policies =
      "      - track: {signal: cpu, target: 65%}\n"
      "      - track: {signal: rps, perInstance: 120/s}\n"
      "      - formula: queue\n";
  const WorkloadSpec spec =
      read(policies + "    groups: [{name: busy, all: [track-rps, track-cpu]}]\n");
  ASSERT_EQ(spec.groups.size(), 1u);
  EXPECT_EQ(spec.groups[0].name, "busy");
  EXPECT_EQ(spec.policies[0].group, 0);
  EXPECT_EQ(spec.policies[1].group, 0);
  EXPECT_EQ(spec.policies[2].group, std::nullopt);

  const struct {
    const char* groups;
    const char* remedy;
  } cases[] = {
      {"[{name: busy, all: [track-cpu]}]", "at least 2"},
      {"[{name: busy, all: [track-cpu, track-rsp]}]", "did you mean 'track-rps'?"},
      {"[{name: busy, all: [track-cpu, track-cpu]}]", "is in a group already"},
      {"[{name: a, all: [track-cpu, track-rps]}, {name: a, all: [formula-1, track-rps]}]",
       "two groups are called 'a'"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(problems_of(policies + "    groups: " + c.groups + "\n"), HasSubstr(c.remedy));
  }
}

TEST(PoliciesSection, UnderCompatibilityNothingIsReadThatTheHpaDoesNotHave) {
  const std::string hpa = "    compatibility: hpa\n";
  const std::string two =
      "      - track: {signal: cpu, target: 65%}\n"
      "      - track: {signal: rps, perInstance: 120/s}\n";
  EXPECT_EQ(problems_of(two + hpa), "");
  EXPECT_THAT(problems_of(two + "    groups: [{name: a, all: [track-cpu, track-rps]}]\n" + hpa),
              HasSubstr("groups: has no meaning under compatibility: hpa"));
  EXPECT_THAT(problems_of("      - track: {signal: rps, perInstance: 120/s, "
                          "burst: {signal: rps-fast}}\n" +
                          hpa),
              HasSubstr("policies[0].track.burst: has no meaning under compatibility: hpa"));
  EXPECT_THAT(problems_of("      - track: {signal: cpu, target: 65.5%}\n" + hpa),
              HasSubstr("policies[0].track.target: the HPA has whole percent"));
  EXPECT_THAT(problems_of("      - trak: {signal: cpu, target: 65%}\n" + hpa),
              HasSubstr("policies[0].trak: unknown key"));
  EXPECT_THAT(problems_of("      -\n" + hpa), HasSubstr("policies[0]: found nothing"));
}

}  // namespace
}  // namespace autoscaler
