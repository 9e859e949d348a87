#include "controller/config/lint.h"

#include "tests/controller/config/print_config.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

namespace autoscaler {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

const Instant kNow{std::chrono::sys_days(std::chrono::year(2026) / 6 / 1)};

constexpr const char* kGood = R"(workloads:
  - name: shop
    target:
      process: {command: [/bin/shop, "--port={port}"], ports: 9000-9099}
    replicas: {min: 2, max: 20}
    signals:
      cpu: {source: scrape, counter: cpu_seconds_total, capacity: 2}
      rps: {source: scrape, counter: requests_total, aggregate: sum}
      latency: {source: scrape, histogram: duration_seconds}
      queue: {source: scrape, gauge: queue_depth}
    policies:
      - track: {signal: cpu, target: 65%}
      - track: {signal: rps, perInstance: 100/s}
      - threshold: {out: {any: [{signal: queue, above: 50}], add: 2, cooldown: 2m}}
      - schedule: {cron: 0 8 * * MON-FRI, for: 10h, min: 8}
    cooldown: {out: 90s}
)";

// `odd` takes the place of the first `good` in the config above. One oddity is one warning.
struct OddConfig {
  const char* good;
  const char* odd;
  int line;
  int column;
  const char* path;
  const char* warning;
};

const OddConfig kOdd[] = {
    // clang-format off
    {"{signal: queue, above", "{signal: latency, above: 1s}, {signal: rps, above", 10, 7, "workloads[0].signals.queue", "nothing uses it"},
    {"target: 65%", "target: 95%", 12, 38, "workloads[0].policies[0].track.target", "would have to pass 104.5%"},
    {"target: 65%", "target: 55%, tolerance: 60%", 12, 54, "workloads[0].policies[0].track.tolerance", "nothing happens before the signal is 60% past"},
    {"target: 65%", "target: 65%, tolerance: {in: 100%}", 12, 54, "workloads[0].policies[0].track.tolerance", "nothing is ever scaled in"},
    {"perInstance: 100/s", "perInstance: 40/s", 13, 43, "workloads[0].policies[1].track.perInstance", "1000/s at most, for 25 instances, and max is 20"},
    {"cooldown: 2m", "cooldown: 30s", 14, 80, "workloads[0].policies[2].threshold.out.cooldown", "shorter than the measured time to readiness (1m20s)"},
    {"cooldown: {out: 90s}", "cooldown: {out: 60s}", 16, 21, "workloads[0].cooldown.out", "before the last one can help"},
    {"- schedule:", "- step: {out: {signal: cpu, atLeast: 60%, steps: [{to: 50%, add: 1}, {from: 50%, add: 3}]}}\n      - schedule:", 15, 76, "workloads[0].policies[3].step.out.steps[1]", "would have to be 110%"},
    {"cron: 0 8 * * MON-FRI", "cron: 0 8 1 * MON", 15, 26, "workloads[0].policies[3].schedule.cron", "one of the two is enough"},
    {"for: 10h", "for: 3d", 15, 48, "workloads[0].policies[3].schedule.for", "the window hardly closes"},
    {"cron: 0 8 * * MON-FRI, for: 10h", "from: 2026-05-01, to: 2026-05-02", 15, 19, "workloads[0].policies[3].schedule", "no window will open any more"},
    {"for: 10h, min: 8}", "for: 10h, min: 8}\n      - schedule: {cron: 0 12 * * *, for: 1h, min: 9}", 16, 19, "workloads[0].policies[4].schedule", "overlaps 'schedule-1', first at 2026-06-01 12:00 UTC: the largest min holds"},
    {"for: 10h, min: 8}", "for: 10h, min: 8}\n      - schedule: {cron: 0 17 * * *, for: 9h, max: 5}", 16, 19, "workloads[0].policies[4].schedule", "first at 2026-06-01 17:00 UTC: min holds against max"},
    {"cpu: {source: scrape, counter: cpu_seconds_total, capacity: 2}\n      rps: {source: scrape, counter: requests_total, aggregate: sum}", "cpu: {source: scrape, counter: cpu_seconds_total, capacity: 2, means: other}\n      rps: {source: scrape, counter: requests_total, means: other, aggregate: sum}", 6, 5, "workloads[0].signals", "badDeploy and ineffective are silent"},
    {"cooldown: {out: 90s}", "pause: {direction: in, until: 2026-05-01}", 16, 35, "workloads[0].pause.until", "remove the pause"},
    // clang-format on
};

ConfigResult lint(const std::string& text) {
  return lint_text(text, "shop.yaml", kNow, {{"shop", {80s, 1000.0}}});
}

TEST(Lint, AGoodConfigHasNoWarning) {
  const ConfigResult result = lint(kGood);
  EXPECT_TRUE(result.config) << problems_text(result.problems);
  EXPECT_TRUE(result.warnings.empty()) << problems_text(result.warnings);
}

TEST(Lint, EachOddityIsToldAtItsPlace) {
  for (const OddConfig& row : kOdd) {
    SCOPED_TRACE(row.odd);
    std::string text = kGood;
    const size_t at = text.find(row.good);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, std::string(row.good).size(), row.odd);
    const ConfigResult result = lint(text);
    EXPECT_TRUE(result.config) << problems_text(result.problems);
    EXPECT_EQ(result.warnings.size(), 1u) << problems_text(result.warnings);
    if (result.warnings.empty()) continue;
    const ConfigProblem& warning = result.warnings[0];
    EXPECT_EQ(warning.line, row.line) << describe(warning);
    EXPECT_EQ(warning.column, row.column) << describe(warning);
    EXPECT_EQ(warning.path, row.path);
    EXPECT_THAT(warning.message, HasSubstr(row.warning));
  }
}

TEST(Lint, PoliciesThatNeverWantLessAreTold) {
  std::string text = kGood;
  const size_t first = text.find("      - track"), last = text.find("      - threshold");
  text.erase(first, last - first);
  EXPECT_THAT(problems_text(lint(text).warnings), HasSubstr("none of them ever wants less"));
}

TEST(Lint, ASizeThatCannotChangeIsTold) {
  std::string text = kGood;
  text.replace(text.find("{min: 2, max: 20}"), 17, "{min: 10, max: 10}");
  text.replace(text.find("min: 8}"), 7, "min: 10}");
  EXPECT_THAT(problems_text(lint(text).warnings), HasSubstr("will ever change the size"));
}

TEST(Lint, MoreCustomResourcesThanTheApiServerIsAskedForAreTold) {
  const auto fleet = [](int size) {
    std::string text = "controller: {interval: 2s, kubernetes: {qps: 10}}\nworkloads:\n";
    for (int i = 0; i < size; ++i) {
      const std::string name = "w" + std::to_string(i);
      text +=
          "  - {name: " + name +
          ", target: {kubernetes: {apiVersion: argoproj.io/v1alpha1, kind: Rollout, namespace: "
          "shop, name: " +
          name +
          "}}, replicas: {min: 2, max: 9}, signals: {cpu: {source: kubernetes, resource: cpu}}, "
          "policies: [{track: {signal: cpu, target: 65%}}]}\n";
    }
    const ConfigResult result = lint(text);
    EXPECT_TRUE(result.config) << problems_text(result.problems);
    return problems_text(result.warnings);
  };
  EXPECT_EQ(fleet(10), "");
  EXPECT_THAT(fleet(11), HasSubstr("11 custom resources are asked for their size every 2 s"));
}

TEST(Lint, WhatIsWrongIsNotLinted) {
  const ConfigResult result = lint(std::string(kGood) + "    colour: red\n");
  EXPECT_FALSE(result.config);
  EXPECT_TRUE(result.warnings.empty());
}

TEST(Lint, TheExampleHasNoWarning) {
  std::ifstream file(AUTOSCALER_SOURCE_DIR "/docs/example.yaml");
  std::stringstream text;
  text << file.rdbuf();
  const ConfigResult result = lint_text(text.str(), "example.yaml", kNow, {});
  EXPECT_TRUE(result.config) << problems_text(result.problems);
  EXPECT_TRUE(result.warnings.empty()) << problems_text(result.warnings);
}

}  // namespace
}  // namespace autoscaler
