#include "controller/config/config.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kRight = R"(controller:
  kubernetes: {kubeconfig: admin.conf, context: prod, qps: 50, burst: 100, timeout: 3s, writesInFlight: 4}
workloads:
  - name: shop
    target: {kubernetes: {namespace: store, name: shop}}
    replicas: {min: 2, max: 20}
    signals:
      cpu: {source: kubernetes, resource: cpu}
      rss: {source: kubernetes, resource: memory, container: app, ofRequest: false}
      qps: {source: kubernetes, pods: qps, selector: verb=GET}
      hits: {source: kubernetes, object: {resource: services, name: web, metric: hits}, unit: perSecond}
      queue: {source: kubernetes, external: queue}
    policies:
      - track: {signal: cpu, target: 65%}
      - track: {signal: rss, target: 512Mi}
      - track: {signal: qps, perInstance: 1500m}
      - track: {signal: hits, perInstance: 10/s}
      - track: {signal: queue, target: 30}
)";

std::string with(const std::string& right, const std::string& wrong) {
  std::string text = kRight;
  const size_t at = text.find(right);
  EXPECT_NE(at, std::string::npos) << right;
  return at == std::string::npos ? text : text.replace(at, right.size(), wrong);
}

Config read(const std::string& text) {
  ConfigResult result = parse_config(text, "test.yaml");
  for (const ConfigProblem& problem : result.problems) ADD_FAILURE() << describe(problem);
  return result.config ? std::move(*result.config) : Config{};
}

std::vector<std::string> problems(const std::string& text) {
  std::vector<std::string> lines;
  for (const ConfigProblem& one : parse_config(text, "test.yaml").problems) {
    lines.push_back(describe(one));
  }
  return lines;
}

const KubernetesRead& read_of(const WorkloadConfig& workload, size_t signal) {
  return std::get<KubernetesRead>(workload.queries.at(signal).how);
}

TEST(KubernetesConfig, SaysHowTheApiServerIsReached) {
  const KubernetesSpec spec = read(kRight).controller.kubernetes;
  EXPECT_EQ(spec.kubeconfig, "admin.conf");
  EXPECT_EQ(spec.context, "prod");
  EXPECT_EQ(spec.requests_per_second, 50);
  EXPECT_EQ(spec.burst, 100);
  EXPECT_EQ(spec.timeout, std::chrono::seconds(3));
  EXPECT_EQ(spec.writes_in_flight, 4);
  EXPECT_TRUE(spec.events);
  EXPECT_FALSE(spec.lease);
}

TEST(KubernetesConfig, ReplicasShareALease) {
  const KubernetesSpec spec =
      read(with("writesInFlight: 4", "events: false, lease: {name: sizes, renew: 3s}"))
          .controller.kubernetes;
  EXPECT_FALSE(spec.events);
  ASSERT_TRUE(spec.lease);
  EXPECT_EQ(spec.lease->name, "sizes");
  EXPECT_EQ(spec.lease->name_space, "");
  EXPECT_EQ(spec.lease->shards, 1);
  EXPECT_EQ(spec.lease->duration, std::chrono::seconds(15));
  EXPECT_EQ(spec.lease->renew, std::chrono::seconds(3));
}

TEST(KubernetesConfig, ATargetIsADeploymentUnlessItSaysOtherwise) {
  const WorkloadConfig shop = read(kRight).workloads.at(0);
  ASSERT_NE(shop.kubernetes(), nullptr);
  EXPECT_EQ(shop.process(), nullptr);
  EXPECT_EQ(*shop.kubernetes(), (KubernetesTarget{.name_space = "store", .name = "shop"}));
  EXPECT_EQ(target_text(*shop.kubernetes()), "Deployment store/shop");
  const WorkloadConfig old =
      read(with("name: shop}}", "kind: ReplicationController, name: shop}}")).workloads.at(0);
  EXPECT_EQ(old.kubernetes()->api_version, "v1");
  const WorkloadConfig own =
      read(with("name: shop}}",
                "apiVersion: example.com/v1beta1, kind: Shop, name: shop, podDeletionCost: true, "
                "metrics: {port: 9102, scheme: https, path: /m}}}"))
          .workloads.at(0);
  EXPECT_EQ(*own.kubernetes(), (KubernetesTarget{"store", "example.com/v1beta1", "Shop", "shop",
                                                 "9102", "/m", true, true}));
}

TEST(KubernetesConfig, SignalsAreReadInTheNamespaceOfTheTarget) {
  const WorkloadConfig shop = read(kRight).workloads.at(0);
  using Read = KubernetesRead;
  EXPECT_EQ(read_of(shop, 0), (Read{Read::Resource{"cpu", "", true}, "store"}));
  EXPECT_EQ(read_of(shop, 1), (Read{Read::Resource{"memory", "app", false}, "store"}));
  EXPECT_EQ(read_of(shop, 2), (Read{Read::Pods{"qps", "verb=GET"}, "store"}));
  EXPECT_EQ(read_of(shop, 3), (Read{Read::Object{"services", "web", "hits", ""}, "store"}));
  EXPECT_EQ(read_of(shop, 4), (Read{Read::External{"queue", ""}, "store"}));
  EXPECT_EQ(shop.spec.signals[0].meaning, SignalSpec::Meaning::kWork);
  EXPECT_EQ(shop.spec.signals[0].max_age, std::chrono::minutes(2));
  EXPECT_TRUE(shop.spec.signals[0].is_utilization);
}

TEST(KubernetesConfig, UnderCompatibilityATrackIsTheHpasOwnMetric) {
  using Source = HpaMetricSpec::Source;
  using Target = HpaMetricSpec::Target;
  const WorkloadConfig shop =
      read(std::string(kRight) + "    compatibility: hpa\n").workloads.at(0);
  struct Row {
    Source source;
    Target kind;
    int64_t target;
  };
  const Row rows[] = {{Source::kResource, Target::kUtilization, 65},
                      {Source::kContainerResource, Target::kAverageValue, 536870912000},
                      {Source::kPods, Target::kAverageValue, 1500},
                      {Source::kObject, Target::kAverageValue, 10000},
                      {Source::kExternal, Target::kValue, 30000}};
  for (size_t i = 0; i < std::size(rows); ++i) {
    SCOPED_TRACE(i);
    const auto* metric = std::get_if<HpaMetricSpec>(&shop.spec.policies.at(i).rule);
    ASSERT_NE(metric, nullptr);
    EXPECT_EQ(metric->signal, i);
    EXPECT_EQ(metric->source, rows[i].source);
    EXPECT_EQ(metric->target_kind, rows[i].kind);
    EXPECT_EQ(metric->target, rows[i].target);
    EXPECT_EQ(shop.spec.signals[i].kind, SignalSpec::Kind::kQuantity);
    EXPECT_TRUE(read_of(shop, i).exact);
  }
  EXPECT_EQ(std::get<HpaMetricSpec>(shop.spec.policies[1].rule).container, "app");
}

TEST(KubernetesConfig, UnderCompatibilityASignalThatOthersReadTooStaysANumber) {
  std::string text = std::string(kRight) + "    compatibility: hpa\n";
  text.insert(text.find("      - track: {signal: rss"),
              "      - threshold: {out: {any: [{signal: cpu, above: 90%}], add: 1}}\n");
  const WorkloadConfig shop = read(text).workloads.at(0);
  EXPECT_TRUE(std::holds_alternative<TrackSpec>(shop.spec.policies.at(0).rule));
  EXPECT_FALSE(read_of(shop, 0).exact);
  EXPECT_TRUE(read_of(shop, 1).exact);
}

TEST(KubernetesConfig, AWorkloadIsReadAsItWasRecorded) {
  const WorkloadConfig shop =
      read(std::string(kRight) + "    compatibility: hpa\n").workloads.at(0);
  const WorkloadResult again = parse_workload(shop.json, "record");
  ASSERT_TRUE(again.workload);
  EXPECT_EQ(again.workload->queries, shop.queries);
  EXPECT_EQ(*again.workload->kubernetes(), *shop.kubernetes());
  EXPECT_EQ(again.workload->json, shop.json);
}

TEST(KubernetesConfig, WhatKubernetesDoesItselfIsRefused) {
  const std::pair<const char*, const char*> keys[] = {
      {"loadBalancer: {haproxy: {socket: /run/h.sock, backend: shop}}", "a Service of Kubernetes"},
      {"unhealthyAfter: 10s", "the liveness probe"},
      {"drainDeadline: 1m", "terminationGracePeriodSeconds"}};
  for (const auto& [key, who] : keys) {
    EXPECT_THAT(problems(std::string(kRight) + "    " + key + "\n"), ElementsAre(HasSubstr(who)));
  }
}

TEST(KubernetesConfig, MistakesNameThePlaceAndTheRemedy) {
  const struct {
    const char* right;
    const char* wrong;
    const char* problem;
  } rows[] = {
      {"namespace: store, name: shop", "name: shop", "kubernetes.namespace: missing"},
      {"namespace: store", "namespace: Store", "the name of a namespace"},
      {"name: shop}}", "kind: deployment, name: shop}}", "a kind such as Deployment"},
      {"name: shop}}", "kind: Shop, name: shop}}", "missing for kind Shop"},
      {"name: shop}}", "apiVersion: apps, name: shop}}", "group/version such as apps/v1"},
      {"name: shop}}", "name: shop, metrics: {port: 70000}}}", "ports go from 1 to 65535"},
      {"writesInFlight: 4", "lease: {duration: 15s}", "lease.name: missing"},
      {"writesInFlight: 4", "lease: {name: a, duration: 1500ms}", "in whole seconds"},
      {"writesInFlight: 4", "lease: {name: a, shards: 0}", "1 to 64"},
      {"writesInFlight: 4", "lease: {name: a, renew: 8s}", "longer than half of the duration"},
      {"target: {kubernetes: {namespace: store, name: shop}}",
       "target: {process: {command: [a, \"{port}\"], ports: 9000-9099}, kubernetes: {namespace: "
       "store, name: shop}}",
       "process"},
      {"resource: cpu}", "resource: cpu, unit: seconds}", "unit"},
      {"pods: qps", "pods: qps, ofRequest: false", "ofRequest"},
      {"resource: cpu}", "resource: cpu, pods: qps}", "pods"},
      {"resource: cpu}", "gauge: cpu}", "has no meaning with source: kubernetes"},
      {"external: queue", "external: queue, container: app", "container"},
      {"external: queue", "external: queue, minCoverage: 50%", "it is about instances"},
  };
  for (const auto& row : rows) {
    EXPECT_THAT(problems(with(row.right, row.wrong)), testing::Contains(HasSubstr(row.problem)))
        << row.wrong;
  }
}

TEST(KubernetesConfig, MetricsOfKubernetesNeedATargetThere) {
  const auto found = problems(with("target: {kubernetes: {namespace: store, name: shop}}",
                                   "target: {process: {command: [a, \"{port}\"], ports: "
                                   "9000-9099}}"));
  ASSERT_EQ(found.size(), 5u);
  EXPECT_THAT(found[0], HasSubstr("signals.cpu.source: source: kubernetes needs a target"));
}

TEST(KubernetesConfig, ATargetBelongsToOneWorkload) {
  const auto other = [](const std::string& target) {
    return problems(std::string(kRight) + "  - name: other\n    target: {kubernetes: {" + target +
                    "}}\n    replicas: {min: 1, max: 1}\n");
  };
  EXPECT_THAT(other("namespace: store, name: shop"),
              ElementsAre(HasSubstr("the target of the workload 'shop' (line 4)")));
  EXPECT_THAT(other("namespace: store, name: shop, apiVersion: apps/v1beta2"),
              ElementsAre(HasSubstr("give each target to one workload")));
  EXPECT_THAT(other("namespace: other, name: shop"), IsEmpty());
  EXPECT_THAT(other("namespace: store, name: shop, kind: StatefulSet"), IsEmpty());
}

TEST(KubernetesConfig, AnExternalMetricMayBringTheFirstPodBack) {
  EXPECT_THAT(problems(with("min: 2", "min: 0")), IsEmpty());
  std::string alone = with("min: 2", "min: 0");
  alone.erase(alone.find("      - track: {signal: hits"));
  EXPECT_THAT(problems(alone), ElementsAre(HasSubstr("a signal that exists without instances")));
}

}  // namespace
}  // namespace autoscaler
