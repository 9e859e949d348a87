#include "controller/config/lint.h"
#include "tests/controller/import/importing.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string hpa(const std::string& spec, const std::string& metadata = "") {
  return "apiVersion: autoscaling/v2\n"
         "kind: HorizontalPodAutoscaler\n"
         "metadata: {name: checkout, namespace: shop" +
         metadata +
         "}\n"
         "spec:\n"
         "  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: checkout}\n" +
         spec;
}

TEST(Import, AnHpaBecomesAWorkloadThatDecidesAsItDid) {
  const Imported imported = import_text(hpa(R"(
  minReplicas: 3
  maxReplicas: 60
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 65}}
  behavior:
    scaleDown:
      stabilizationWindowSeconds: 60
      tolerance: "0.05"
      policies: [{type: Percent, value: 10, periodSeconds: 60}]
)"));
  EXPECT_EQ(imported.config, R"(workloads:
  # HorizontalPodAutoscaler shop/checkout
  - name: checkout
    target: {kubernetes: {namespace: shop, kind: Deployment, name: checkout}}
    replicas: {min: 3, max: 60}
    signals:
      cpu: {source: kubernetes, resource: cpu}
    policies:
      - track: {signal: cpu, target: 65%}
    behavior: {scaleDown: {stabilizationWindowSeconds: 60, tolerance: "0.05", policies: [{type: Percent, value: 10, periodSeconds: 60}]}}
    compatibility: hpa
)");
  EXPECT_EQ(remarks_of(imported), "");
  expect_sound(imported);
}

TEST(Import, EveryKindOfMetricHasItsSignal) {
  const Imported imported = import_text(hpa(R"(
  maxReplicas: 9
  metrics:
    - type: Resource
      resource: {name: memory, target: {type: AverageValue, averageValue: 500Mi}}
    - type: ContainerResource
      containerResource: {name: cpu, container: app, target: {type: Utilization, averageUtilization: 50}}
    - type: Pods
      pods: {metric: {name: http.requests, selector: {matchLabels: {verb: GET}}}, target: {type: AverageValue, averageValue: 1500m}}
    - type: Object
      object: {metric: {name: qps}, describedObject: {apiVersion: networking.k8s.io/v1, kind: Ingress, name: main}, target: {type: Value, value: 2k}}
    - type: External
      external: {metric: {name: queue, selector: {matchExpressions: [{key: q, operator: In, values: [a, b]}]}}, target: {type: AverageValue, averageValue: "30"}}
)"));
  for (const char* line : {
           "memory: {source: kubernetes, resource: memory, ofRequest: false}",
           "track: {signal: memory, perInstance: 500Mi}",
           "cpu-app: {source: kubernetes, resource: cpu, container: app}",
           "track: {signal: cpu-app, target: 50%}",
           "http-requests: {source: kubernetes, pods: http.requests, selector: \"verb=GET\"}",
           "track: {signal: http-requests, perInstance: 1500m}",
           "qps: {source: kubernetes, object: {resource: ingresses.networking.k8s.io, name: main, "
           "metric: qps}}",
           "track: {signal: qps, target: 2k}",
           "queue: {source: kubernetes, external: queue, selector: \"q in (a,b)\"}",
           "track: {signal: queue, perInstance: 30}",
       }) {
    EXPECT_THAT(imported.config, HasSubstr(line));
  }
  expect_sound(imported);
}

TEST(Import, WithoutMetricsCpuIsHeldAtEightyPercent) {
  const Imported imported = import_text(hpa("  maxReplicas: 5\n"));
  EXPECT_THAT(imported.config, HasSubstr("target: 80%"));
  EXPECT_THAT(imported.config, HasSubstr("replicas: {min: 1, max: 5}"));
}

// Of a cluster anybody may have written it.
TEST(Import, WhatStandsInAnObjectIsTextAndNoConfig) {
  const Imported imported = import_text(R"({
    "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"maxReplicas": 5, "scaleTargetRef": {"apiVersion": "example.com/v1", "name": "web",
      "kind": "Web, name: web}}\n    replicas: {min: 1, max: 1}\n  - name: evil\n    target: {process: {command: [sh"}}
  })");
  EXPECT_THAT(imported.config, Not(HasSubstr("\n  - name: evil")));
}

TEST(Import, TwoMetricsOfOneNameAreTwoSignals) {
  const Imported imported = import_text(hpa(R"(
  maxReplicas: 5
  metrics:
    - {type: External, external: {metric: {name: queue}, target: {type: Value, value: 5}}}
    - {type: External, external: {metric: {name: queue}, target: {type: AverageValue, averageValue: 7}}}
)"));
  EXPECT_THAT(imported.config, HasSubstr("track: {signal: queue, target: 5}"));
  EXPECT_THAT(imported.config, HasSubstr("track: {signal: queue-2, perInstance: 7}"));
  expect_sound(imported);
}

TEST(Import, ListsAndDocumentsOfVersionOne) {
  const Imported imported = import_text(R"(
apiVersion: v1
kind: List
items:
- apiVersion: autoscaling/v1
  kind: HorizontalPodAutoscaler
  metadata: {name: a, namespace: shop}
  spec: {maxReplicas: 4, targetCPUUtilizationPercentage: 70, scaleTargetRef: {kind: StatefulSet, name: a, apiVersion: apps/v1}}
- {apiVersion: v1, kind: Service, metadata: {name: a}}
---
{"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler",
 "metadata": {"name": "b", "namespace": "shop", "annotations": {"autoscaling.alpha.kubernetes.io/metrics": "[]"}},
 "spec": {"maxReplicas": 4, "scaleTargetRef": {"kind": "Rollout", "name": "b", "apiVersion": "argoproj.io/v1alpha1"}}}
)");
  EXPECT_EQ(imported.workloads, 2U);
  EXPECT_EQ(imported.refused, 0U);
  EXPECT_THAT(imported.config, HasSubstr("kind: StatefulSet, name: a}"));
  EXPECT_THAT(imported.config, HasSubstr("target: 70%"));
  EXPECT_THAT(imported.config, HasSubstr("apiVersion: argoproj.io/v1alpha1, kind: Rollout"));
  expect_sound(imported);
  EXPECT_THAT(remarks_of(imported), HasSubstr("objects.yaml:12: HorizontalPodAutoscaler shop/b: "
                                              "the annotation"));
}

TEST(Import, WhatTheApiServerWouldRefuseIsRefused) {
  const Imported imported = import_text(hpa("  minReplicas: 9\n  maxReplicas: 5\n"));
  EXPECT_EQ(imported.workloads, 0U);
  EXPECT_EQ(imported.refused, 1U);
  EXPECT_EQ(imported.config, "");
  EXPECT_THAT(remarks_of(imported),
              HasSubstr("objects.yaml:1: HorizontalPodAutoscaler shop/checkout: "));
  EXPECT_THAT(remarks_of(imported), HasSubstr("below minReplicas 9"));
}

TEST(Import, AnotherVersionIsRefusedWithTheCommandThatHelps) {
  std::string text = hpa("  maxReplicas: 5\n");
  text.replace(text.find("autoscaling/v2"), 14, "autoscaling/v2beta1");
  const Imported imported = import_text(text);
  EXPECT_EQ(imported.refused, 1U);
  EXPECT_THAT(remarks_of(imported), HasSubstr("kubectl get hpa.v2.autoscaling"));
}

TEST(Import, TextThatIsNotYamlIsRefused) {
  const Imported imported = import_text("kind: [");
  EXPECT_EQ(imported.refused, 1U);
  EXPECT_THAT(remarks_of(imported), HasSubstr("objects.yaml:1:"));
}

TEST(Import, NamesThatClashAreToldApartByTheirNamespaces) {
  const std::string here = hpa("  maxReplicas: 5\n");
  std::string there = here;
  there.replace(there.find("namespace: shop"), 15, "namespace: mail");
  const Imported imported = import_text(here + "---\n" + there);
  EXPECT_THAT(imported.config, HasSubstr("name: shop-checkout\n"));
  EXPECT_THAT(imported.config, HasSubstr("name: mail-checkout\n"));
  expect_sound(imported);
}

std::string named(std::string object, const std::string& name, const std::string& target) {
  object.replace(object.find("name: checkout"), 14, "name: " + name);
  return object.replace(object.rfind("name: checkout"), 14, "name: " + target) + "---\n";
}

TEST(Import, NamesThatClashInOneNamespaceAreToldApartByANumberAndItIsSaid) {
  const std::string object = hpa("  maxReplicas: 5\n"), long_name(70, 'a');
  const Imported imported =
      import_text(named(object, "web.api", "a") + named(object, "web-api", "b") +
                  named(object, long_name + "1", "c") + named(object, long_name + "2", "d"));
  EXPECT_EQ(imported.workloads, 4u);
  EXPECT_THAT(imported.config, HasSubstr("name: shop-web-api\n"));
  EXPECT_THAT(imported.config, HasSubstr("name: shop-web-api-2\n"));
  EXPECT_THAT(remarks_of(imported),
              HasSubstr("HorizontalPodAutoscaler shop/web-api: is called 'shop-web-api-2', "
                        "for 'shop-web-api' is another one; name it as you like\n"));
  EXPECT_THAT(remarks_of(imported), HasSubstr("/" + long_name + "2: is called 'shop-a"));
  expect_sound(imported);
}

std::string checked(const Imported& imported) {
  std::string all;
  for (const ConfigProblem& problem :
       lint_text(imported.config, "p.yaml", Instant{}, {}).problems) {
    all += describe(problem) + "\n";
  }
  return all;
}

TEST(Import, ScalingPoliciesStandInTheNamespacesOfTheirObjects) {
  const std::string object = hpa(R"(
  maxReplicas: 5
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 65}}
  behavior: {scaleDown: {tolerance: 0.05}}
)");
  std::string there = object;
  there.replace(there.find("namespace: shop"), 15, "namespace: mail");
  const ObjectFile file{"objects.yaml", object + "---\n" + there};
  const Imported imported = import_objects({&file, 1}, ImportAs::kScalingPolicies);
  EXPECT_EQ(imported.workloads, 2u);
  EXPECT_THAT(imported.config, HasSubstr(R"(# HorizontalPodAutoscaler shop/checkout
apiVersion: autoscaler.io/v1alpha1
kind: ScalingPolicy
metadata: {name: checkout, namespace: shop}
spec:
  target: {kind: Deployment, name: checkout}
  replicas: {min: 1, max: 5}
)"));
  EXPECT_THAT(imported.config, HasSubstr("metadata: {name: checkout, namespace: mail}"));
  EXPECT_THAT(imported.config, HasSubstr("tolerance: \"0.05\"")) << "in the API it is a text";
  EXPECT_EQ(checked(imported), "");
}

TEST(Import, OneTargetIsGivenToOneWorkload) {
  std::string second = hpa("  maxReplicas: 7\n");
  second.replace(second.find("name: checkout"), 14, "name: other");
  const Imported imported = import_text(hpa("  maxReplicas: 5\n") + "---\n" + second);
  EXPECT_EQ(imported.workloads, 1U);
  EXPECT_THAT(imported.config, Not(HasSubstr("max: 7")));
  EXPECT_THAT(remarks_of(imported), HasSubstr("sizes Deployment checkout, as another object"));
}

TEST(Import, WhatKedaMadeIsLeftToItsScaledObject) {
  const Imported imported = import_text(
      hpa("  maxReplicas: 5\n", ", ownerReferences: [{kind: ScaledObject, name: mail}]"));
  EXPECT_EQ(imported.workloads, 0U);
  EXPECT_EQ(imported.refused, 0U);
  EXPECT_THAT(remarks_of(imported), HasSubstr("belongs to the ScaledObject mail"));
}

}  // namespace
}  // namespace autoscaler
