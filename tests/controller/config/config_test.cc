#include "controller/config/config.h"

#include "controller/config/node_json.h"
#include "controller/config/yaml.h"
#include "tests/controller/config/print_config.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace autoscaler {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

Config read(const std::string& text) {
  ConfigResult result = parse_config(text, "test.yaml");
  EXPECT_TRUE(result.config) << problems_text(result.problems);
  return result.config.value_or(Config{});
}

// A workload with `more` (indented by 4) after its required keys.
std::string workload(const std::string& name, int port, const std::string& more) {
  return "  - name: " + name +
         "\n    target: {process: {command: [srv, \"{port}\"], ports: " + std::to_string(port) +
         "-" + std::to_string(port + 39) + "}}\n" + more;
}

std::string one_workload(const std::string& more) {
  return "workloads:\n" + workload("shop", 9000, "    replicas: {min: 1, max: 20}\n" + more);
}

TEST(Config, FixedSizeNeedsNoPolicy) {
  const Config config =
      read("workloads:\n" + workload("a", 9000, "    replicas: {min: 2, max: 2}"));
  ASSERT_THAT(config.workloads, SizeIs(1));
  EXPECT_EQ(config.workloads[0].spec.bounds.min, 2);
  EXPECT_EQ(config.workloads[0].process()->first_port, 9000);
  EXPECT_EQ(config.workloads[0].process()->last_port, 9039);
}

TEST(Config, SignalsBecomeWhatIsRead) {
  const Config config = read(one_workload(R"(
    loadBalancer: {haproxy: {socket: "127.0.0.1:9999", backend: shop}}
    signals:
      cpu: {source: scrape, counter: cpu_total, capacity: 2, matching: {mode: user|system}}
      memory: {source: scrape, gauge: memory_bytes, capacity: 2Gi, aggregate: max}
      latency: {source: scrape, histogram: duration_seconds, quantile: 99%, window: 1m}
      errors: {source: scrape, ratio: {of: requests_total, matching: {code: "5.."}}, maxAge: 20s}
      queue: {source: balancer, value: queue, whenMissing: ignore}
      failed: {source: balancer, value: errors, window: 45s}
    policies:
      - track: {signal: cpu, target: 65%}
)"));
  const WorkloadConfig& shop = config.workloads.at(0);
  ASSERT_THAT(shop.queries, SizeIs(6));
  ASSERT_THAT(shop.spec.signals, SizeIs(6));

  const auto& cpu = std::get<ScrapeRead>(shop.queries[0].how);
  EXPECT_EQ(std::get<RateOf>(cpu.what).capacity, 2);
  EXPECT_EQ(std::get<RateOf>(cpu.what).of.matching.at(0).pattern, "user|system");
  EXPECT_TRUE(shop.spec.signals[0].is_utilization);
  EXPECT_EQ(shop.spec.signals[0].max_age, seconds(15));  // three intervals

  const auto& memory = std::get<ScrapeRead>(shop.queries[1].how);
  EXPECT_EQ(std::get<GaugeOf>(memory.what).capacity, 0x1p31);
  EXPECT_EQ(shop.spec.signals[1].aggregation, Aggregation::kMax);

  const auto& latency = std::get<ScrapeRead>(shop.queries[2].how);
  EXPECT_EQ(std::get<HistogramOf>(latency.what).of.metric, "duration_seconds");
  EXPECT_EQ(latency.window, minutes(1));
  EXPECT_EQ(shop.spec.signals[2].quantile, 0.99);
  EXPECT_EQ(shop.spec.signals[2].kind, SignalSpec::Kind::kHistogram);

  const auto& errors = std::get<ScrapeRead>(shop.queries[3].how);
  EXPECT_EQ(std::get<RatioOf>(errors.what).matching.at(0).label, "code");
  EXPECT_EQ(shop.spec.signals[3].kind, SignalSpec::Kind::kRatio);
  EXPECT_EQ(shop.spec.signals[3].max_age, seconds(20));

  EXPECT_EQ(std::get<BalancerRead>(shop.queries[4].how).what, BalancerRead::What::kQueue);
  EXPECT_EQ(shop.spec.signals[4].when_missing.kind, WhenMissing::Kind::kIgnore);
  EXPECT_EQ(std::get<BalancerRead>(shop.queries[5].how).window, seconds(45));
  EXPECT_EQ(shop.spec.signals[5].kind, SignalSpec::Kind::kRatio);
}

TEST(Config, TargetsAndMarksAreInTheUnitOfTheirSignal) {
  const Config config = read(one_workload(R"(
    signals:
      cpu: {source: scrape, counter: cpu_total, capacity: 2}
      rps: {source: scrape, counter: requests_total}
      jobs: {source: scrape, gauge: jobs}
      busy: {source: scrape, gauge: busy_ratio}
      latency: {source: scrape, histogram: duration_seconds}
      delay: {source: scrape, histogram: delay_milliseconds}
    policies:
      - track: {signal: cpu, target: 65%, tolerance: 5%}
      - track: {signal: rps, perInstance: 7200/m, tolerance: {in: 20%}}
      - track: {signal: jobs, target: 8}
      - track: {signal: busy, target: 0.5}
      - threshold:
          out: {any: [{signal: latency, above: 300ms}, {signal: delay, above: 0.5s}], add: 25%}
)"));
  const auto& policies = config.workloads.at(0).spec.policies;
  const auto& cpu = std::get<TrackSpec>(policies.at(0).rule);
  EXPECT_EQ(policies[0].name, "track-cpu");
  EXPECT_EQ(cpu.kind, TrackSpec::Target::kUtilization);
  EXPECT_EQ(cpu.target, 0.65);
  EXPECT_EQ(cpu.tolerance_out, 0.05);
  EXPECT_EQ(cpu.tolerance_in, 0.05);
  const auto& rps = std::get<TrackSpec>(policies.at(1).rule);
  EXPECT_EQ(rps.kind, TrackSpec::Target::kPerInstance);
  EXPECT_EQ(rps.target, 120);
  EXPECT_EQ(rps.tolerance_out, std::nullopt);
  EXPECT_EQ(rps.tolerance_in, 0.2);
  EXPECT_EQ(std::get<TrackSpec>(policies.at(2).rule).kind, TrackSpec::Target::kValue);
  EXPECT_EQ(std::get<TrackSpec>(policies.at(2).rule).signal, 2u);
  EXPECT_EQ(std::get<TrackSpec>(policies.at(3).rule).kind, TrackSpec::Target::kUtilization);
  const auto& threshold = std::get<ThresholdSpec>(policies.at(4).rule);
  EXPECT_EQ(policies[4].name, "threshold-1");
  EXPECT_EQ(threshold.out->marks.at(0).value, 0.3);  // seconds
  EXPECT_EQ(threshold.out->marks.at(1).value, 500);  // milliseconds
  EXPECT_EQ(threshold.out->change.percent, 25.0);
  EXPECT_FALSE(threshold.in);
}

TEST(Config, ACooldownOfARuleWinsOverThatOfItsPolicy) {
  const Config config = read(one_workload(R"(
    signals: {jobs: {source: scrape, gauge: jobs}}
    policies:
      - threshold:
          out: {all: [{signal: jobs, above: 10}], add: 1, cooldown: 0s}
          in: {any: [{signal: jobs, below: 2}], for: 3, remove: 1}
          cooldown: 7m
)"));
  const auto& spec = std::get<ThresholdSpec>(config.workloads.at(0).spec.policies.at(0).rule);
  EXPECT_EQ(spec.out->cooldown, seconds(0));
  EXPECT_EQ(spec.in->cooldown, minutes(7));
  EXPECT_EQ(spec.in->samples, 3);
  EXPECT_TRUE(spec.out->all);
  EXPECT_FALSE(spec.in->all);
}

TEST(Config, WhenMissingHasSixAnswers) {
  const Config config = read(one_workload(R"(
    signals:
      a: {source: scrape, gauge: a, whenMissing: hold}
      b: {source: scrape, gauge: b, whenMissing: {do: ignore, after: 1m}}
      c: {source: scrape, gauge: c, whenMissing: {do: last, for: 5m}}
      d: {source: scrape, gauge: d, whenMissing: {do: floor, replicas: 3}}
      e: {source: scrape, gauge: e, whenMissing: {do: size, replicas: 4, after: 2m}}
      f: {source: scrape, gauge: f, whenMissing: {do: towardsMax, step: 2, every: 1m}}
    policies: [{track: {signal: a, target: 8}}]
)"));
  using Kind = WhenMissing::Kind;
  std::vector<WhenMissing> rules;
  for (const auto& signal : config.workloads.at(0).spec.signals) {
    rules.push_back(signal.when_missing);
  }
  ASSERT_THAT(rules, SizeIs(6));
  EXPECT_EQ(rules[0].kind, Kind::kHold);
  EXPECT_EQ(rules[1].kind, Kind::kIgnore);
  EXPECT_EQ(rules[1].after, minutes(1));
  EXPECT_EQ(rules[2].kind, Kind::kLast);
  EXPECT_EQ(rules[2].hold_last_for, minutes(5));
  EXPECT_EQ(rules[3].kind, Kind::kFloor);
  EXPECT_EQ(rules[3].replicas, 3);
  EXPECT_EQ(rules[4].kind, Kind::kSize);
  EXPECT_EQ(rules[4].replicas, 4);
  EXPECT_EQ(rules[5].kind, Kind::kTowardsMax);
  EXPECT_EQ(rules[5].replicas, 2);
  EXPECT_EQ(rules[5].every, minutes(1));
}

TEST(Config, BehaviorIsAutoscalingV2) {
  const std::string policy =
      "    signals: {jobs: {source: scrape, gauge: jobs}}\n"
      "    policies: [{track: {signal: jobs, target: 8}}]\n";
  const auto spec = [&](const std::string& more) {
    return read(one_workload(policy + more)).workloads.at(0).spec;
  };
  EXPECT_EQ(spec("").behavior->up.policies.size(), 2u);  // v2's defaults
  EXPECT_FALSE(spec("    behavior: none\n").behavior);
  EXPECT_FALSE(spec("    compatibility: hpa\n").behavior);
  EXPECT_TRUE(spec("    compatibility: hpa\n").hpa);

  const WorkloadSpec given = spec(
      "    behavior: {scaleDown: {stabilizationWindowSeconds: 60, selectPolicy: Min, tolerance: 5%,"
      " policies: [{type: Pods, value: 2, periodSeconds: 60}]}}\n");
  EXPECT_EQ(given.behavior->up.policies.size(), 2u);
  EXPECT_EQ(given.behavior->down.stabilization, seconds(60));
  EXPECT_EQ(given.behavior->down.select, ScalingRules::Select::kMin);
  ASSERT_EQ(given.behavior->down.policies.size(), 1u);
  EXPECT_EQ(given.behavior->down.policies[0].type, ScalingRules::RatePolicy::Type::kPods);
  EXPECT_EQ(given.behavior->down.policies[0].value, 2);
  EXPECT_EQ(given.behavior->down.policies[0].period, seconds(60));
  // A track without a tolerance of its own takes v2's.
  EXPECT_EQ(std::get<TrackSpec>(given.policies.at(0).rule).tolerance_in, 0.05);
  EXPECT_EQ(std::get<TrackSpec>(given.policies.at(0).rule).tolerance_out, std::nullopt);
}

TEST(Config, DefaultsFollowTheInterval) {
  const Config config = read("controller: {interval: 20s}\n" + one_workload(R"(
    signals: {rps: {source: scrape, counter: requests_total}}
    policies: [{track: {signal: rps, perInstance: 8}}]
)"));
  const WorkloadConfig& shop = config.workloads.at(0);
  EXPECT_EQ(shop.spec.signals.at(0).max_age, minutes(1));
  EXPECT_EQ(std::get<ScrapeRead>(shop.queries.at(0).how).window, seconds(80));
}

TEST(Config, DocumentsOfOneStreamAreJoinedAndSorted) {
  const std::string fixed = "    replicas: {min: 1, max: 1}\n";
  const Config config = read("workloads:\n" + workload("b", 9000, fixed) +
                             "---\n---\nworkloads:\n" + workload("a", 9100, fixed) +
                             workload("c", 9200, fixed) + "---\ncontroller: {interval: 10s}\n");
  ASSERT_THAT(config.workloads, SizeIs(3));
  EXPECT_EQ(config.workloads[0].spec.name, "a");
  EXPECT_EQ(config.workloads[1].spec.name, "b");
  EXPECT_EQ(config.workloads[2].spec.name, "c");
  EXPECT_EQ(config.controller.interval, seconds(10));
}

TEST(Config, EveryProblemIsReportedAtOnceInTheOrderOfTheText) {
  const ConfigResult result = parse_config(
      "controller: {interval: 5, jornal: x}\n"
      "workloads:\n"
      "  - name: A\n"
      "    replicas: {min: 3, max: 2}\n"
      "    warmup: soon\n",
      "all.yaml");
  EXPECT_FALSE(result.config);
  std::vector<std::string> places;
  for (const ConfigProblem& problem : result.problems) {
    EXPECT_EQ(problem.file, "all.yaml");
    places.push_back(std::to_string(problem.line) + ":" + std::to_string(problem.column) + " " +
                     problem.path);
  }
  EXPECT_THAT(places, ElementsAre("1:24 controller.interval", "1:27 controller.jornal",
                                  "3:5 workloads[0].target", "3:11 workloads[0].name",
                                  "4:21 workloads[0].replicas.min", "5:13 workloads[0].warmup"));
}

TEST(Config, AProblemIsDescribedAsAnEditorWantsIt) {
  EXPECT_EQ(describe({"a.yaml", 3, 7, "x.y", "wrong"}), "a.yaml:3:7: x.y: wrong");
  EXPECT_EQ(describe({"a.yaml", 3, 7, "", "wrong"}), "a.yaml:3:7: wrong");
  EXPECT_EQ(describe({"a.yaml", 0, 0, "", "wrong"}), "a.yaml: wrong");
}

TEST(Config, AHundredProblemsAreEnough) {
  std::string text = "controller: {interval: 5s}\nworkloads:\n";
  for (int i = 0; i < 150; ++i) text += "  - {}\n";
  const ConfigResult result = parse_config(text, "many.yaml");
  ASSERT_THAT(result.problems, SizeIs(101));
  EXPECT_THAT(result.problems.back().message, HasSubstr("and 350 further problems"));
}

TEST(Config, PlainWordsAreTakenAsTheyStand) {
  const std::string text =
      "workloads:\n  - name: shop\n    target: {process: {command: [srv, \"{port}\", 012, 1e3, "
      "yes],"
      " ports: 9000-9001, env: {COUNTRY: NO, VERSION: 1.10, DEBUG: true, EMPTY: \"\"}}}\n"
      "    replicas: {min: 1, max: 1}\n";
  const ProcessTarget target = *read(text).workloads.at(0).process();
  EXPECT_THAT(target.command, ElementsAre("srv", "{port}", "012", "1e3", "yes"));
  EXPECT_EQ(target.environment.at("COUNTRY"), "NO");
  EXPECT_EQ(target.environment.at("VERSION"), "1.10");
  EXPECT_EQ(target.environment.at("DEBUG"), "true");
  EXPECT_EQ(target.environment.at("EMPTY"), "");
}

TEST(Config, AnAliasStandsForItsValue) {
  const Config config = read(
      "workloads:\n"
      "  - name: a\n"
      "    target: {process: {command: &cmd [srv, \"{port}\"], ports: 9000-9001}}\n"
      "    replicas: &one {min: 1, max: 1}\n"
      "  - name: b\n"
      "    target: {process: {command: *cmd, ports: 9100-9101}}\n"
      "    replicas: *one\n");
  EXPECT_THAT(config.workloads.at(1).process()->command, ElementsAre("srv", "{port}"));
}

TEST(Config, HostileTextsAreRefusedQuickly) {
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c <= 'j'; ++c) {
    bomb += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 9; ++i) bomb += std::string(i > 0 ? ",*" : "*") + static_cast<char>(c - 1);
    bomb += "]\n";
  }
  std::string unknown = "controller:\n";
  for (int i = 0; i < 100'000; ++i) unknown += "  k" + std::to_string(i) + ": 1\n";
  const std::pair<std::string, const char*> rows[] = {
      {bomb, "once aliases are written out"},
      {std::string(100'000, '['), "nested more than 32 deep"},
      {std::string(100'000, '{'), "nested more than 32 deep"},
      {"a: &a [*a]\n", "alias inside its own anchor"},
      {std::string(kMaxConfigBytes + 1, ' '), "larger than 8 MiB"},
      {"a: \xff\n", "not UTF-8"},
      {"a: \xc0\xaf\n", "not UTF-8"},
      {"a: \xed\xa0\x80\n", "not UTF-8"},
      {std::string("a: \0b\n", 6), "control character"},
      {"? [a, b]\n: c\n", "keys are words"},
      {"a: *b\n", "not valid YAML"},
      {"- a\n", "expected a mapping with controller, sources or workloads"},
      {"text\n", "expected a mapping with controller, sources or workloads"},
      {"", "no workload"},
      {"# nothing\n", "no workload"},
      {"workloads: []\n", "no workload"},
      {unknown, "unknown key"},
  };
  for (const auto& [text, why] : rows) {
    const ConfigResult result = parse_config(text, "hostile.yaml");
    EXPECT_FALSE(result.config) << why;
    EXPECT_THAT(problems_text(result.problems), HasSubstr(why));
  }
}

TEST(Config, AFileThatCannotBeReadSaysSo) {
  const ConfigResult missing = load_config("/nonexistent/autoscaler.yaml");
  ASSERT_THAT(missing.problems, SizeIs(1));
  EXPECT_THAT(describe(missing.problems[0]),
              "/nonexistent/autoscaler.yaml: cannot be opened: No such file or directory");
  const ConfigResult directory = load_config(::testing::TempDir());
  ASSERT_THAT(directory.problems, SizeIs(1));
  EXPECT_THAT(directory.problems[0].message, HasSubstr("cannot be read"));
}

TEST(Config, AFileIsReadFromDisk) {
  const std::string path = ::testing::TempDir() + "config_test.yaml";
  std::ofstream(path) << "workloads:\n" << workload("a", 9000, "    replicas: {min: 1, max: 1}\n");
  EXPECT_TRUE(load_config(path).config);
  std::filesystem::remove(path);
}

TEST(Config, ACommandWithASlashIsFoundFromTheConfigsFolderUnlessItHasAnother) {
  const std::string folder = ::testing::TempDir();
  const std::string path = folder + "config_test_paths.yaml";
  const auto command_of = [&](const std::string& program, const std::string& more) {
    std::ofstream(path) << "workloads:\n  - name: a\n    target: {process: {command: [" + program +
                               ", '{port}'], ports: 9000-9003" + more +
                               "}}\n"
                               "    replicas: {min: 1, max: 2}\n"
                               "    signals: {s: {source: scrape, gauge: s}}\n"
                               "    policies: [{track: {signal: s, perInstance: 1}}]\n";
    const ConfigResult read = load_config(path);
    for (const ConfigProblem& problem : read.problems) ADD_FAILURE() << describe(problem);
    return read.config ? read.config->workloads[0].process()->command[0] : "";
  };
  EXPECT_EQ(command_of("./bin/serve", ""), folder + "bin/serve");
  EXPECT_EQ(command_of("/bin/serve", ""), "/bin/serve");
  EXPECT_EQ(command_of("serve", ""), "serve");
  EXPECT_EQ(command_of("./serve", ", workingDirectory: /srv"), "./serve");
  std::filesystem::remove(path);
}

constexpr const char* kRich = R"(
    loadBalancer: {haproxy: {socket: /run/h.sock, backend: shop}}
    signals:
      cpu: {source: scrape, counter: cpu_total, capacity: 0.50}
      rps: {source: balancer, value: requestRate}
      latency: {source: scrape, histogram: duration_seconds, matching: {path: "/a\\.b\"é"}}
    policies:
      - track: {signal: cpu, target: 65%}
      - threshold: {out: {any: [{signal: latency, above: 300ms}], add: 2}}
)";

TEST(Config, TheJsonOfAWorkloadReadsBackToTheSameWorkload) {
  for (const char* interval : {"5s", "45s"}) {
    const Config config =
        read(std::string("controller: {interval: ") + interval + "}\n" + one_workload(kRich));
    const WorkloadConfig& shop = config.workloads.at(0);
    const WorkloadResult again = parse_workload(shop.json, "json");
    ASSERT_TRUE(again.workload) << problems_text(again.problems) << shop.json;
    EXPECT_EQ(print(*again.workload), print(shop));
    EXPECT_EQ(again.workload->json, shop.json);
  }
}

TEST(Config, SecretsInTheEnvironmentAreRedactedInTheJsonOnly) {
  const Config config = read(
      "workloads:\n  - name: shop\n    target: {process: {command: [srv, \"{port}\"],"
      " ports: 9000-9001, env: {DB_PASSWORD: hunter2, ApiToken: t0, SECRET_X: s0, ACCESS_KEY: k0,"
      " MODE: fast}}}\n    replicas: {min: 1, max: 1}\n");
  const WorkloadConfig& shop = config.workloads.at(0);
  EXPECT_EQ(shop.process()->environment.at("DB_PASSWORD"), "hunter2");
  EXPECT_THAT(shop.json, AllOf(HasSubstr("\"MODE\":\"fast\""), Not(HasSubstr("hunter2")),
                               Not(HasSubstr("t0")), Not(HasSubstr("s0")), Not(HasSubstr("k0"))));
  EXPECT_THAT(shop.json, HasSubstr(kRedacted));
}

}  // namespace
}  // namespace autoscaler
