#include "controller/config/lint.h"
#include "tests/controller/config/scaling_policy.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string problems_of(const json& spec, const std::shared_ptr<const Config>& file) {
  std::string text;
  for (const ConfigProblem& problem : parse_policy(*policy("checkout", spec), *file).problems) {
    text += describe(problem) + "\n";
  }
  return text;
}

json with_signal(const json& signal) {
  json spec = good_spec();
  spec["signals"]["other"] = signal;
  return spec;
}

TEST(PolicyDocumentTest, ASpecIsAWorkloadWithATargetInItsOwnNamespace) {
  const WorkloadResult read = parse_policy(*policy("checkout", good_spec(), 1, 7), *config_file());
  ASSERT_TRUE(read.workload);
  EXPECT_EQ(read.workload->spec.name, "shop/checkout");
  EXPECT_EQ(target_text(*read.workload->kubernetes()), "Deployment shop/checkout");
  EXPECT_EQ(read.workload->object->uid, "uid-checkout");
  EXPECT_EQ(read.workload->object->generation, 7);
}

TEST(PolicyDocumentTest, WhatIsRecordedOfItReadsAsTheSameWorkload) {
  const WorkloadResult read = parse_policy(*policy("checkout", good_spec()), *config_file());
  ASSERT_TRUE(read.workload);
  const WorkloadResult again = parse_workload(read.workload->json, "record");
  ASSERT_TRUE(again.workload) << describe(again.problems.at(0));
  EXPECT_EQ(again.workload->spec.name, "shop/checkout");
  EXPECT_EQ(*again.workload->kubernetes(), *read.workload->kubernetes());
  EXPECT_EQ(again.workload->json, read.workload->json);
}

TEST(PolicyDocumentTest, AnotherNamespaceIsRefused) {
  json spec = good_spec();
  spec["target"]["namespace"] = "bank";
  EXPECT_EQ(
      problems_of(spec, config_file()),
      "ScalingPolicy shop/checkout: spec.target.namespace: has no place here: a ScalingPolicy "
      "sizes a target in its own namespace; leave it out\n");
}

TEST(PolicyDocumentTest, WhatTheControllerWouldFetchOrReadElsewhereIsRefused) {
  const std::pair<json, const char*> cases[] = {
      {{{"source", "json"}, {"url", "http://169.254.169.254/"}, {"pointer", "/a"}}, ".url: "},
      {{{"source", "scrape"}, {"gauge", "a"}, {"targets", {"http://10.0.0.1:80/m"}}}, ".targets: "},
      {{{"source", "scrape"}, {"gauge", "a"}, {"targetsFile", "/etc/passwd"}}, ".targetsFile: "},
      {{{"source", "balancer"}, {"value", "queue"}}, ".value: "}};
  for (const auto& [signal, place] : cases) {
    EXPECT_THAT(problems_of(with_signal(signal), config_file()),
                HasSubstr("spec.signals.other" + std::string(place) + "has no place here: "));
  }
  json spec = good_spec();
  spec["target"] = {{"process", {{"command", {"/bin/sh"}}, {"ports", "1-9"}}}};
  EXPECT_THAT(problems_of(spec, config_file()), HasSubstr("spec.target.process: unknown key"));
  spec = good_spec();
  spec["loadBalancer"] = {{"haproxy", {{"socket", "/s"}, {"backend", "b"}}}};
  EXPECT_THAT(problems_of(spec, config_file()), HasSubstr("spec.loadBalancer: has no place here"));
}

TEST(PolicyDocumentTest, PodsOfEverybodyAreNotShownATokenOfTheConfig) {
  const json scraped = with_signal({{"source", "scrape"}, {"gauge", "a"}});
  const json asked = with_signal({{"source", "json"}, {"path", "/a"}, {"pointer", "/a"}});
  EXPECT_EQ(problems_of(scraped, config_file()), "");
  EXPECT_EQ(problems_of(asked, config_file()), "");
  const auto scrapes = config_file("sources: {scrape: {bearer: {file: /run/token}}}\n");
  EXPECT_THAT(problems_of(scraped, scrapes), HasSubstr("is not for ScalingPolicies while"));
  EXPECT_EQ(problems_of(asked, scrapes), "");
  const auto asks = config_file("sources: {json: {basic: {user: a, password: {file: /run/p}}}}\n");
  EXPECT_EQ(problems_of(scraped, asks), "");
  EXPECT_THAT(problems_of(asked, asks), HasSubstr("sources.json of the controller has a token"));
}

TEST(PolicyDocumentTest, PrometheusServersAreThoseOfTheConfig) {
  const json asks = with_signal({{"source", "prometheus"}, {"query", "up"}, {"server", "main"}});
  const auto file = config_file("sources: {prometheus: {main: {url: http://p:9090}}}\n");
  EXPECT_EQ(problems_of(asks, file), "");
  EXPECT_THAT(problems_of(asks, config_file()), HasSubstr("no server to ask"));
}

TEST(PolicyDocumentTest, WhatItAsksIsItsNamespacesQuestionAndHasASecond) {
  json asks = {{"source", "json"}, {"path", "/a"}, {"pointer", "/a"}, {"timeout", "1s"}};
  const WorkloadResult read = parse_policy(*policy("checkout", with_signal(asks)), *config_file());
  ASSERT_TRUE(read.workload);
  for (const SignalQuery& query : read.workload->queries) EXPECT_EQ(query.tenant, "shop");
  asks["timeout"] = "2s";
  EXPECT_THAT(problems_of(with_signal(asks), config_file()),
              testing::AllOf(HasSubstr("spec.signals.other.timeout: found '2s'"),
                             HasSubstr("it is outside of 10ms to 1s")));
}

TEST(PolicyDocumentTest, APatternThatMeansMegabytesIsRefused) {
  json signal{{"source", "scrape"}, {"gauge", "a"}, {"matching", {{"code", "\\pL{50}"}}}};
  EXPECT_THAT(problems_of(with_signal(signal), config_file()),
              testing::AllOf(HasSubstr("spec.signals.other.matching.code: found"),
                             HasSubstr("not a regular expression (pattern too large")));
  signal["matching"]["code"] = "5..|\\pL{2}";
  EXPECT_EQ(problems_of(with_signal(signal), config_file()), "");
}

TEST(PolicyDocumentTest, ProblemsAreNamedByTheirPlaceInTheObject) {
  json spec = good_spec();
  spec["policies"][0]["track"]["target"] = 65;
  EXPECT_THAT(problems_of(spec, config_file()),
              HasSubstr("ScalingPolicy shop/checkout: spec.policies[0].track.target: found '65'"));
}

TEST(PolicyDocumentTest, OneThatIsTooLargeOrTooDeepIsAProblemOfItsOwn) {
  json deep = "end";
  for (int i = 0; i < 40; ++i) deep = json{{"a", deep}};
  json spec = good_spec();
  spec["guards"] = deep;
  EXPECT_THAT(problems_of(spec, config_file()), HasSubstr("spec: too large or too deep"));
  spec = good_spec();
  spec["policies"] = std::vector<int>(20'000, 1);
  EXPECT_THAT(problems_of(spec, config_file()), HasSubstr("spec: too large or too deep"));
  EXPECT_THAT(problems_of(json(), config_file()), HasSubstr("spec: missing"));
}

std::string checked(const std::string& text) {
  std::string all;
  for (const ConfigProblem& problem : lint_text(text, "policy.yaml", Instant{}, {}).problems) {
    all += describe(problem) + "\n";
  }
  return all;
}

constexpr const char* kManifest = R"(apiVersion: autoscaler.io/v1alpha1
kind: ScalingPolicy
metadata: {name: checkout, namespace: shop}
spec:
  target: {name: checkout}
  replicas: {min: 2, max: 9}
  signals: {rps: {source: prometheus, query: up, server: main}}
  policies: [{track: {signal: rps, target: 5}}]
)";

TEST(PolicyManifestTest, IsCheckedAloneAndBesideAConfig) {
  EXPECT_EQ(checked(kManifest), "");
  const std::string config = "sources: {prometheus: {other: {url: http://p:9090}}}\n---\n";
  EXPECT_THAT(
      checked(config + kManifest),
      HasSubstr("policy.yaml:9:58: spec.signals.rps.server: found the unknown server 'main'"));
  EXPECT_FALSE(parse_config(kManifest, "run.yaml").config) << "a config to run with has none";
}

TEST(PolicyManifestTest, WhatIsWrongIsNamedByItsLine) {
  std::string text = kManifest;
  text.replace(text.find("min: 2"), 6, "min: 20");
  EXPECT_THAT(checked(text), HasSubstr("policy.yaml:6:19: spec.replicas.min: found min 20"));
  text = kManifest;
  text.replace(text.find("v1alpha1"), 8, "v9");
  EXPECT_THAT(checked(text), HasSubstr("policy.yaml:1:13: apiVersion: a ScalingPolicy has"));
  EXPECT_THAT(
      checked(std::string(kManifest) + "---\n" + kManifest),
      HasSubstr("policy.yaml:14:3: spec: two workloads are called 'shop/checkout' (line 5)"));
  EXPECT_THAT(checked("kind: ScalingPolicy\napiVersion: autoscaler.io/v1alpha1\n"),
              testing::AllOf(HasSubstr("write metadata: {name: ...}"),
                             HasSubstr("spec: missing: what to size, and how")));
}

}  // namespace
}  // namespace autoscaler
