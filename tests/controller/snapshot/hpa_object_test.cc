#include "tests/controller/snapshot/hpa_document.h"

#include <gmock/gmock.h>

// What of an HPA object and of pods is looked at.
namespace autoscaler {
namespace {

using Json = nlohmann::json;

TEST(HpaContainers, restartable_init_containers_add_their_request_and_others_do_not) {
  HpaDocument document = HpaDocument(1, 1, 10).cpu_target(50).usage({"1"});
  document.set("/pods/0/spec/initContainers",
               {{{"name", "sidecar"},
                 {"restartPolicy", "Always"},
                 {"resources", {{"requests", {{"cpu", "1"}}}}}},
                {{"name", "migrate"}, {"resources", {{"requests", {{"cpu", "8"}}}}}}});
  EXPECT_EQ(decide(document)["proposals"][0]["current"]["averageUtilization"], 50);
  document.set("/pods/0/spec/resources", {{"requests", {{"cpu", "4"}}}});
  EXPECT_EQ(decide(document)["proposals"][0]["current"]["averageUtilization"], 25);
}

TEST(HpaObject, unknown_fields_of_kubernetes_are_skipped) {
  HpaDocument document = hot();
  document.set("/policy/status", {{"currentReplicas", 3}});
  document.set("/policy/spec/scaleTargetRef", {{"kind", "Deployment"}, {"name", "checkout"}});
  document.set("/pods/0/spec/nodeName", "n1");
  document.set("/pods/0/status/conditions/1", {{"type", "Initialized"}, {"status", "True"}});
  document.set("/metrics/podMetrics/0/containers/0/usage/memory", "20Mi");
  document.set("/scale/status/selector", "app=checkout");
  EXPECT_EQ(decide(document)["to"], 5);
}

TEST(HpaObject, two_metrics_of_one_name_stay_two) {
  const Json decision = decide(hot().cpu_target(60));
  ASSERT_EQ(decision["proposals"].size(), 2u);
  EXPECT_EQ(decision["proposals"][0]["policy"], "resource-cpu");
  EXPECT_EQ(decision["proposals"][1]["policy"], "resource-cpu-2");
  EXPECT_EQ(decision["proposals"][0]["replicas"], 5);
  EXPECT_EQ(decision["proposals"][1]["replicas"], 3);  // 50/60 x 3 = 2.5
}

}  // namespace
}  // namespace autoscaler
