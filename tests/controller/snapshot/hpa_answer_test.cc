#include "tests/controller/snapshot/hpa_document.h"

#include <gmock/gmock.h>

// What an HPA's answer tells beside the size, and what of its object and of pods is looked at.
namespace autoscaler {
namespace {

using Json = nlohmann::json;

TEST(HpaCurrent, utilization_is_a_whole_percentage_beside_the_mean) {
  const Json decision =
      decide(HpaDocument(3, 1, 10).cpu_target(65).usage({"455m", "460m", "461m"}));
  const Json& proposal = decision["proposals"][0];
  EXPECT_EQ(proposal["policy"], "resource-cpu");
  EXPECT_EQ(proposal["metric"], "cpu");
  // 1376m of 3000m, cut off; 1376m / 3, cut off.
  EXPECT_EQ(proposal["current"], Json({{"averageUtilization", 45}, {"averageValue", "458m"}}));
  EXPECT_EQ(proposal["target"], Json({{"averageUtilization", 65}}));
}

TEST(HpaCurrent, quantities_are_canonical) {
  const Json pods = decide(HpaDocument(2, 1, 10)
                               .metric(pods_qps("1500m"))
                               .custom("qps", "Pod", "p0", "1")
                               .custom("qps", "Pod", "p1", "2001m"));
  EXPECT_EQ(pods["proposals"][0]["current"], Json({{"averageValue", "1500m"}}));
  const Json external = decide(HpaDocument(2, 1, 10)
                                   .metric(queue({{"type", "Value"}, {"value", "3k"}}))
                                   .external("queue", "2000"));
  EXPECT_EQ(external["proposals"][0]["current"], Json({{"value", "2k"}}));
  EXPECT_EQ(external["proposals"][0]["target"], Json({{"value", "3k"}}));
}

TEST(HpaCurrent, a_failed_metric_has_an_error_and_no_replicas) {
  const Json decision = decide(HpaDocument(3, 1, 10).cpu_target(50).usage({}));
  const Json& proposal = decision["proposals"][0];
  EXPECT_EQ(proposal["error"], "FailedGetResourceMetric: no_series");
  EXPECT_FALSE(proposal.contains("replicas"));
  EXPECT_FALSE(proposal.contains("abstain"));
}

TEST(HpaContainers, only_the_named_container_counts) {
  // 700m of a request of 1: 70 % against 50 %, of 2 pods.
  const Json metric = quantity_metric("ContainerResource", {{"name", "cpu"}, {"container", "app"}},
                                      {{"type", "Utilization"}, {"averageUtilization", 50}});
  HpaDocument document = HpaDocument(2, 1, 10).metric(
      {{"type", "ContainerResource"}, {"containerResource", metric["containerResource"]}});
  document.usage({"700m", "700m"});
  for (const char* pod : {"0", "1"}) {
    const std::string i = pod;
    document.set("/metrics/podMetrics/" + i + "/containers/1",
                 {{"name", "sidecar"}, {"usage", {{"cpu", "5"}}}});
    document.set("/pods/" + i + "/spec/initContainers",
                 {{{"name", "sidecar"},
                   {"restartPolicy", "Always"},
                   {"resources", {{"requests", {{"cpu", "100m"}}}}}}});
  }
  const Json decision = decide(document);
  EXPECT_EQ(decision["to"], 3);
  EXPECT_EQ(decision["proposals"][0]["current"]["averageUtilization"], 70);
}

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
