#include "tests/controller/import/importing.h"

#include <gmock/gmock.h>

namespace autoscaler {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string scaled_object(const std::string& spec, const std::string& annotations = "") {
  return "apiVersion: keda.sh/v1alpha1\n"
         "kind: ScaledObject\n"
         "metadata: {name: mail, namespace: shop, annotations: {" +
         annotations +
         "}}\n"
         "spec:\n"
         "  scaleTargetRef: {name: mail}\n" +
         spec;
}

constexpr const char* kQueue = R"(
  triggers:
    - type: prometheus
      metadata: {serverAddress: "http://prometheus:9090", query: 'sum(queue{app="mail"})', threshold: "50"}
)";

constexpr const char* kImported = R"yaml(sources:
  prometheus:
    url: "http://prometheus:9090"
workloads:
  # ScaledObject shop/mail
  - name: mail
    target: {kubernetes: {namespace: shop, kind: Deployment, name: mail}}
    replicas: {min: 0, max: 100}
    signals:
      prometheus-1: {source: prometheus, query: "sum(queue{app=\"mail\"})", whenEmpty: 0}
    policies:
      - track: {signal: prometheus-1, perInstance: 50}
    compatibility: hpa
)yaml";

TEST(ImportScaledObject, AQueryOfPrometheusIsASignalAndItsShare) {
  const Imported imported = import_text(scaled_object(kQueue));
  EXPECT_EQ(imported.config, kImported);
  EXPECT_EQ(remarks_of(imported), "");
  expect_sound(imported);
}

TEST(ImportScaledObject, ServersAreNamedWhereThereAreSeveral) {
  const Imported imported = import_text(scaled_object(R"(
  triggers:
    - {type: prometheus, name: depth, metadata: {serverAddress: "http://a:9090", query: depth, threshold: "5", ignoreNullValues: "false"}}
    - {type: prometheus, metricType: Value, metadata: {serverAddress: "http://b:9090", query: lag, threshold: "7"}}
    - {type: prometheus, metadata: {serverAddress: "http://a:9090", query: rate, threshold: "0.5"}}
)"));
  EXPECT_THAT(imported.config, HasSubstr("prometheus-1: {url: \"http://a:9090\"}"));
  EXPECT_THAT(imported.config, HasSubstr("prometheus-2: {url: \"http://b:9090\"}"));
  EXPECT_THAT(imported.config,
              HasSubstr("depth: {source: prometheus, query: depth, server: prometheus-1}"));
  EXPECT_THAT(imported.config, HasSubstr("track: {signal: prometheus-2, target: 7}"));
  EXPECT_THAT(imported.config, HasSubstr("track: {signal: prometheus-3, perInstance: 0.5}"));
  expect_sound(imported);
}

TEST(ImportScaledObject, CronAloneComesBackToTheMinimum) {
  const Imported imported = import_text(scaled_object(R"(
  minReplicaCount: 2
  maxReplicaCount: 8
  triggers:
    - {type: cron, metadata: {timezone: Europe/Berlin, start: 0 8 * * 1-5, end: 0 18 * * 1-5, desiredReplicas: "10"}}
)"));
  EXPECT_THAT(imported.config,
              HasSubstr("schedule: {cron: \"0 8 * * 1-5\", until: \"0 18 * * 1-5\", "
                        "timeZone: Europe/Berlin, size: 8}"));
  EXPECT_THAT(imported.config,
              HasSubstr("schedule: {cron: \"0 18 * * 1-5\", until: \"0 8 * * 1-5\", "
                        "timeZone: Europe/Berlin, size: 2}"));
  EXPECT_THAT(remarks_of(imported), HasSubstr("objects.yaml:10: ScaledObject shop/mail: "
                                              "desiredReplicas 10 became 8"));
  expect_sound(imported);
}

TEST(ImportScaledObject, ScheduledFromZero) {
  expect_sound(import_text(scaled_object(R"(
  triggers:
    - {type: cron, metadata: {timezone: UTC, start: 0 8 * * *, end: 0 18 * * *, desiredReplicas: "3"}}
    - {type: cron, metadata: {timezone: UTC, start: 0 12 * * *, end: 0 13 * * *, desiredReplicas: "5"}}
)")));
}

TEST(ImportScaledObject, CpuAndMemory) {
  const Imported imported = import_text(scaled_object(R"(
  triggers:
    - {type: cpu, metricType: Utilization, metadata: {value: "60", containerName: app}}
    - {type: memory, metricType: AverageValue, metadata: {value: 300Mi}}
    - {type: cpu, metricType: Utilization, metadata: {value: half}}
)"));
  EXPECT_THAT(imported.config,
              HasSubstr("cpu-app: {source: kubernetes, resource: cpu, container: app}"));
  EXPECT_THAT(imported.config, HasSubstr("track: {signal: cpu-app, target: 60%}"));
  EXPECT_THAT(imported.config, HasSubstr("track: {signal: memory, perInstance: 300Mi}"));
  EXPECT_THAT(imported.config, HasSubstr("replicas: {min: 1, max: 100}"));
  EXPECT_THAT(remarks_of(imported), HasSubstr("minReplicaCount 0 became 1"));
  EXPECT_THAT(remarks_of(imported), HasSubstr("with value 'half': left out"));
  expect_sound(imported);
}

TEST(ImportScaledObject, AFallbackIsWhatASignalDoesWhenItIsMissing) {
  const Imported imported = import_text(
      scaled_object("  fallback: {failureThreshold: 3, replicas: 6}\n" + std::string(kQueue)));
  EXPECT_THAT(imported.config, HasSubstr("whenMissing: {do: size, replicas: 6, after: 90s}"));
  EXPECT_THAT(imported.config, Not(HasSubstr("compatibility")));
  EXPECT_THAT(remarks_of(imported), HasSubstr("fallback became `whenMissing`"));
  expect_sound(imported);
}

TEST(ImportScaledObject, APauseIsKept) {
  EXPECT_THAT(import_text(scaled_object(kQueue, "autoscaling.keda.sh/paused: \"true\"")).config,
              HasSubstr("pause: all"));
  const Imported sized =
      import_text(scaled_object(kQueue, "autoscaling.keda.sh/paused-replicas: \"4\""));
  EXPECT_THAT(sized.config, HasSubstr("pause: all"));
  EXPECT_THAT(remarks_of(sized), HasSubstr("autoscaler size"));
  EXPECT_THAT(import_text(scaled_object(kQueue)).config, Not(HasSubstr("pause")));
}

TEST(ImportScaledObject, EachThingThatIsLostIsSaidWithItsLine) {
  const Imported imported = import_text(scaled_object(R"(
  pollingInterval: 10
  cooldownPeriod: 60
  idleReplicaCount: 0
  advanced:
    scalingModifiers: {formula: a + b, target: "2"}
    horizontalPodAutoscalerConfig: {behavior: {scaleDown: {stabilizationWindowSeconds: 30}}}
  triggers:
    - type: prometheus
      authenticationRef: {name: login}
      metadata: {serverAddress: "http://p:9090", query: up, threshold: "1", activationThreshold: "5", authModes: bearer}
    - {type: kafka, metadata: {topic: mail}}
)"));
  const std::string remarks = remarks_of(imported);
  for (const char* said : {"objects.yaml:7: ScaledObject shop/mail: pollingInterval",
                           "objects.yaml:8: ScaledObject shop/mail: cooldownPeriod",
                           "objects.yaml:9: ScaledObject shop/mail: idleReplicaCount",
                           "objects.yaml:11: ScaledObject shop/mail: scalingModifiers",
                           "objects.yaml:15: ScaledObject shop/mail: authenticationRef login",
                           "objects.yaml:16: ScaledObject shop/mail: activationThreshold",
                           "objects.yaml:16: ScaledObject shop/mail: authModes",
                           "objects.yaml:17: ScaledObject shop/mail: a trigger of type 'kafka'"}) {
    EXPECT_THAT(remarks, HasSubstr(said));
  }
  EXPECT_EQ(imported.remarks.size(), 8U) << remarks;
  EXPECT_THAT(imported.config,
              HasSubstr("behavior: {scaleDown: {stabilizationWindowSeconds: 30}}"));
}

TEST(ImportScaledObject, WithoutATriggerThatCanBeCarriedOverItIsRefused) {
  const Imported imported =
      import_text(scaled_object("  triggers: [{type: kafka, metadata: {topic: mail}}]\n"));
  EXPECT_EQ(imported.workloads, 0U);
  EXPECT_EQ(imported.refused, 1U);
  EXPECT_THAT(remarks_of(imported), HasSubstr("none of its triggers"));
}

}  // namespace
}  // namespace autoscaler
