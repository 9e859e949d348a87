#include "controller/config/budget_expansion.h"
#include "controller/config/lint.h"

#include <gmock/gmock.h>

#include <string>

namespace autoscaler {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string workload(const std::string& rest) {
  return R"(
name: shop
replicas: {min: 1, max: 9}
signals:
  rps: {source: scrape, counter: requests_total}
  cpu: {source: scrape, counter: cpu_seconds_total, capacity: 2}
  busiest: {source: scrape, counter: requests_total, aggregate: max, means: other}
  latency: {source: scrape, histogram: duration_seconds}
)" + rest;
}

std::string config(const std::string& rest, const std::string& interval = "5s") {
  std::string text = "controller: {interval: " + interval +
                     "}\nworkloads:\n  - target: {process: {command: [/bin/shop, \"{port}\"], "
                     "ports: 9000-9099}}\n";
  std::string line;
  for (const char c : workload(rest)) {
    if (c != '\n') {
      line += c;
      continue;
    }
    if (!line.empty()) text += "    " + line + "\n";
    line.clear();
  }
  return text + "    " + line + "\n";
}

const PredictSpec& predict_of(const WorkloadResult& result) {
  return std::get<PredictSpec>(result.workload->spec.policies.at(0).rule);
}

std::string only_problem(const std::string& rest) {
  const WorkloadResult result = parse_workload(workload(rest), "policy");
  EXPECT_EQ(result.problems.size(), 1u);
  return result.problems.empty() ? "" : result.problems.front().message;
}

std::vector<std::string> warnings_of(const std::string& rest) {
  const ConfigResult read = lint_text(config(rest), "shop.yaml", Instant{}, {});
  for (const ConfigProblem& problem : read.problems) ADD_FAILURE() << describe(problem);
  std::vector<std::string> warnings;
  for (const ConfigProblem& warning : read.warnings) {
    if (warning.path.find("predict") != std::string::npos) warnings.push_back(warning.message);
  }
  return warnings;
}

TEST(PredictConfig, HasDefaultsForAllButTheSignal) {
  const WorkloadResult result = parse_workload(
      workload("slo: {signal: latency, p95: 300ms}\npolicies: [{predict: {signal: rps}}]"),
      "policy");
  ASSERT_TRUE(result.workload) << describe(result.problems.front());
  EXPECT_EQ(result.workload->spec.policies[0].name, "predict-rps");
  const PredictSpec& predict = predict_of(result);
  EXPECT_EQ(predict.mode, PredictSpec::Mode::kForecastOnly);
  EXPECT_EQ(predict.per_instance, std::nullopt);
  EXPECT_EQ(predict.lead, std::nullopt);
  EXPECT_EQ(predict.price, std::nullopt);
  EXPECT_THAT(predict.holidays, IsEmpty());
}

TEST(PredictConfig, TakesWhatIsWritten) {
  const WorkloadResult result = parse_workload(
      workload("policies: [{predict: {signal: rps, perInstance: 120/s, mode: full, lead: 3m, "
               "price: 5, holidays: [2026-12-25, 2026-01-01]}}]"),
      "policy");
  ASSERT_TRUE(result.workload) << describe(result.problems.front());
  const PredictSpec& predict = predict_of(result);
  EXPECT_EQ(predict.mode, PredictSpec::Mode::kFull);
  EXPECT_EQ(predict.per_instance, 120);
  EXPECT_EQ(predict.lead, std::chrono::minutes(3));
  EXPECT_EQ(predict.price, 5);
  EXPECT_THAT(predict.holidays, ElementsAre(20454, 20812));
}

TEST(PredictConfig, WhatIsNoLoadIsRefused) {
  const auto of = [](const std::string& signal) {
    return only_problem("policies: [{predict: {signal: " + signal + ", perInstance: 1}}]");
  };
  EXPECT_THAT(of("cpu"), HasSubstr("no load that instances share"));
  EXPECT_THAT(of("latency"), HasSubstr("no load that instances share"));
  EXPECT_THAT(of("busiest"), HasSubstr("says nothing of the others"));
}

TEST(PredictConfig, LearnedNeedsAnSloAndAFloorAgreesWithNobody) {
  EXPECT_THAT(only_problem("policies: [{predict: {signal: rps}}]"), HasSubstr("no slo"));
  EXPECT_THAT(
      only_problem("policies: [{predict: {signal: rps, perInstance: 9}}, {track: {signal: cpu, "
                   "target: 60%}}]\ngroups: [{name: both, all: [predict-rps, track-cpu]}]"),
      HasSubstr("agrees with nobody"));
}

TEST(PredictConfig, TheHpaDoesNotLookAhead) {
  const ConfigResult read = parse_config(
      config("policies: [{predict: {signal: rps, perInstance: 9}}]\ncompatibility: hpa"), "a.yaml");
  ASSERT_EQ(read.problems.size(), 1u);
  EXPECT_THAT(read.problems[0].message, HasSubstr("does not look ahead"));
}

TEST(PredictConfig, ItLearnsMinuteByMinute) {
  const ConfigResult read =
      parse_config(config("policies: [{predict: {signal: rps, perInstance: 9}}]", "2m"), "a.yaml");
  ASSERT_FALSE(read.problems.empty());
  EXPECT_THAT(read.problems[0].message, HasSubstr("write 1m or less"));
}

TEST(PredictConfig, AloneItIsWarnedOf) {
  const std::string predict = "{predict: {signal: rps, perInstance: 9, mode: full}}";
  EXPECT_THAT(warnings_of("policies: [" + predict + "]"), ElementsAre(HasSubstr("is alone")));
  EXPECT_THAT(warnings_of("policies: [" + predict + ", {track: {signal: cpu, target: 60%}}]"),
              IsEmpty());
}

TEST(PredictConfig, AFixedPriceHoldsNoBudget) {
  EXPECT_THAT(
      warnings_of("slo: {signal: latency, p95: 300ms, budget: 1%}\npolicies: [{predict: "
                  "{signal: rps, mode: full, price: 3}}, {track: {signal: cpu, target: 60%}}]"),
      ElementsAre(HasSubstr("is fixed")));
}

TEST(BudgetConfig, WithoutPoliciesItBringsItsOwn) {
  const std::string slo = "slo: {signal: latency, p95: 300ms, budget: 0.5%}";
  const WorkloadResult result = parse_workload(workload(slo), "policy");
  ASSERT_TRUE(result.workload) << describe(result.problems.front());
  const WorkloadSpec& spec = result.workload->spec;
  EXPECT_EQ(spec.slo->budget, 0.005);
  ASSERT_EQ(spec.policies.size(), 3u);
  EXPECT_EQ(std::get<TrackSpec>(spec.policies[0].rule).kind, TrackSpec::Target::kLearned);
  EXPECT_EQ(std::get<PredictSpec>(spec.policies[1].rule).mode, PredictSpec::Mode::kFull);
  EXPECT_THAT(expansion_of(*result.workload),
              ElementsAre("policies:", "  - track: {signal: rps, perInstance: learned}",
                          "  - predict: {signal: rps, mode: full}",
                          "  - threshold: {out: {any: [{signal: latency, above: 300ms}], for: 3, "
                          "add: 25%, cooldown: 3m}}"));
}

// What is printed can be written, and says the same.
TEST(BudgetConfig, WhatIsPrintedIsWhatItMeans) {
  const std::string slo = "slo: {signal: latency, p95: 300ms, budget: 0.5%}";
  const WorkloadResult expanded = parse_workload(workload(slo), "policy");
  std::string text = workload(slo) + "\n";
  for (const std::string& line : expansion_of(*expanded.workload)) text += line + "\n";
  const WorkloadResult written = parse_workload(text, "policy");
  ASSERT_TRUE(written.workload) << describe(written.problems.front());
  EXPECT_THAT(expansion_of(*written.workload), IsEmpty());
  for (size_t i = 0; i < 3; ++i) {
    const PolicySpec& a = expanded.workload->spec.policies[i];
    const PolicySpec& b = written.workload->spec.policies[i];
    EXPECT_EQ(a.name, b.name);
    ASSERT_EQ(a.rule.index(), b.rule.index());
  }
  const auto& a = std::get<ThresholdSpec>(expanded.workload->spec.policies[2].rule).out;
  const auto& b = std::get<ThresholdSpec>(written.workload->spec.policies[2].rule).out;
  EXPECT_EQ(a->marks[0].value, b->marks[0].value);
  EXPECT_EQ(a->samples, b->samples);
  EXPECT_EQ(a->change.percent, b->change.percent);
  EXPECT_EQ(a->cooldown, b->cooldown);
  const auto& tracks = std::get<TrackSpec>(expanded.workload->spec.policies[0].rule);
  EXPECT_EQ(tracks.tolerance_out,
            std::get<TrackSpec>(written.workload->spec.policies[0].rule).tolerance_out);
}

TEST(BudgetConfig, WithoutALoadItCannot) {
  const WorkloadResult result = parse_workload(
      "name: shop\nreplicas: {max: 9}\nsignals: {latency: {source: scrape, histogram: "
      "duration_seconds}}\nslo: {signal: latency, p95: 300ms, budget: 1%}",
      "policy");
  ASSERT_FALSE(result.problems.empty());
  EXPECT_THAT(result.problems[0].message, HasSubstr("needs a load to keep"));
}

TEST(BudgetConfig, WithPoliciesItAddsNothing) {
  const WorkloadResult result =
      parse_workload(workload("slo: {signal: latency, p95: 300ms, budget: 1%}\npolicies: [{track: "
                              "{signal: cpu, target: 60%}}]"),
                     "policy");
  ASSERT_TRUE(result.workload) << describe(result.problems.front());
  EXPECT_EQ(result.workload->spec.policies.size(), 1u);
  EXPECT_THAT(expansion_of(*result.workload), IsEmpty());
}

}  // namespace
}  // namespace autoscaler
