#include "controller/snapshot/decide.h"
#include "tests/controller/snapshot/hpa_document.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <string>

namespace autoscaler {
namespace {

using Json = nlohmann::json;

// What the HPA would answer, worked out by hand.
struct Case {
  std::string name;
  HpaDocument document;
  int to;
  std::string reason;
  std::string conditions;  // those that differ from True are written Type=False
};

std::string conditions_text(const Json& decision) {
  std::string text;
  for (const Json& each : decision["conditions"]) {
    if (!text.empty()) text += " ";
    if (each["status"] == "False") text += "!";
    text += each["reason"].get<std::string>();
  }
  return text;
}

void PrintTo(const Case& test, std::ostream* out) {
  *out << test.name;
}

class Hpa : public testing::TestWithParam<Case> {};

TEST_P(Hpa, decides) {
  const Json decision = decide(GetParam().document);
  EXPECT_EQ(decision["to"], GetParam().to) << decision.dump(2);
  EXPECT_EQ(decision["reason"], GetParam().reason);
  EXPECT_EQ(conditions_text(decision), GetParam().conditions);
}

Json quantity_metric(const char* type, Json source, Json target) {
  source["target"] = std::move(target);
  std::string field = type;
  field[0] = static_cast<char>(std::tolower(field[0]));
  return {{"type", type}, {field, std::move(source)}};
}
Json pods_qps(const char* average) {
  return quantity_metric("Pods", {{"metric", {{"name", "qps"}}}},
                         {{"type", "AverageValue"}, {"averageValue", average}});
}
Json ingress_qps(Json target) {
  return quantity_metric(
      "Object",
      {{"metric", {{"name", "qps"}}}, {"describedObject", {{"kind", "Ingress"}, {"name", "main"}}}},
      std::move(target));
}
Json queue(Json target) {
  return quantity_metric("External", {{"metric", {{"name", "queue"}}}}, std::move(target));
}

HpaDocument cool() {  // 1400m of 5000m is 28 %: 0.56 x 5 = 2.8
  return HpaDocument(5, 2, 60).cpu_target(50).usage({"100m", "300m", "500m", "250m", "250m"});
}
HpaDocument hot_with_behavior(Json behavior) {  // 285 %: ratio 9.5, 29 wanted
  return HpaDocument(3, 1, 60)
      .cpu_target(30)
      .usage({"2850m", "2850m", "2850m"})
      .set("/policy/spec/behavior", std::move(behavior));
}

const char* const kUp = "SucceededRescale ValidMetricFound !DesiredWithinRange";
const char* const kHold = "ReadyForNewScale ValidMetricFound !DesiredWithinRange";

const Case kPerPod[] = {
    {"ratio_5_thirds_of_3_is_5", hot(), 5, "scale_out", kUp},
    {"an_unready_pod_counts_as_0_on_the_way_up",  // 60 %, then 1200m of 3000m: 40/30 x 3
     hot()
         .set("/pods/0/status/conditions/0/status", "False")
         .set("/pods/0/status/conditions/0/lastTransitionTime", "2026-11-22T09:00:10Z"),
     4, "scale_out", kUp},
    {"a_pod_that_was_ready_once_is_counted",  // not ready now, but changed past the initial delay
     hot()
         .set("/pods/0/status/conditions/0/status", "False")
         .set("/pods/0/status/conditions/0/lastTransitionTime", "2026-11-22T09:30:00Z"),
     5, "scale_out", kUp},
    {"readiness_unknown_is_not_unready",
     hot()
         .set("/pods/0/status/conditions/0/status", "Unknown")
         .set("/pods/0/status/conditions/0/lastTransitionTime", "2026-11-22T09:00:10Z"),
     5, "scale_out", kUp},
    {"a_pod_without_start_time_is_unready", hot().set("/pods/0/status/startTime", nullptr), 4,
     "scale_out", kUp},
    {"a_young_pod_is_not_believed_within_a_window_of_readiness",
     hot()
         .set("/pods/0/status/startTime", "2026-11-22T09:58:00Z")
         .set("/pods/0/status/conditions/0/lastTransitionTime", "2026-11-22T09:59:00Z"),
     4, "scale_out", kUp},
    {"a_shorter_initialization_period_believes_it",
     hot()
         .set("/pods/0/status/startTime", "2026-11-22T09:58:00Z")
         .set("/pods/0/status/conditions/0/lastTransitionTime", "2026-11-22T09:59:00Z")
         .set("/flags", {{"cpuInitializationPeriod", "1m"}}),
     5, "scale_out", kUp},
    {"a_pending_pod_is_unready", hot().set("/pods/0/status/phase", "Pending"), 4, "scale_out", kUp},
    {"a_deleted_pod_does_not_exist",  // 1200m of 2000m: 60/30 x 2
     hot().set("/pods/0/metadata/deletionTimestamp", "2026-11-22T09:59:00Z"), 4, "scale_out", kUp},
    {"tolerance_holds",  // 102 %
     HpaDocument(3, 1, 10).cpu_target(100).usage({"1010m", "1030m", "1020m"}), 3, "on_target",
     kHold},
    {"the_edge_of_tolerance_holds",  // 110 % of 100 %
     HpaDocument(3, 1, 10).cpu_target(100).usage({"1100m", "1100m", "1100m"}), 3, "on_target",
     kHold},
    {"the_tolerance_flag_narrows_it",
     HpaDocument(3, 1, 10)
         .cpu_target(100)
         .usage({"1010m", "1030m", "1020m"})
         .set("/flags", {{"tolerance", 0.01}}),
     4, "scale_out", kUp},
    {"tolerance_of_a_direction_wins_over_the_flag",
     HpaDocument(3, 1, 10)
         .cpu_target(100)
         .usage({"1010m", "1030m", "1020m"})
         .set("/policy/spec/behavior", {{"scaleUp", {{"tolerance", "0.01"}}}}),
     4, "scale_out", kUp},
    {"a_missing_pod_counts_as_its_whole_request_on_the_way_down",  // 20 %, then 1400m of 3000m: 46
                                                                   // %
     HpaDocument(3, 1, 10).cpu_target(50).usage({"100m", "300m", ""}), 3, "on_target", kHold},
    {"a_missing_pod_counts_as_0_on_the_way_up",  // 90 %, then 1800m of 3000m: 60/50 x 3
     HpaDocument(3, 1, 10).cpu_target(50).usage({"900m", "900m", ""}), 4, "scale_out", kUp},
    {"pods_metric_is_a_mean",  // 20 against 15, of 3
     HpaDocument(3, 1, 10)
         .metric(pods_qps("15"))
         .custom("qps", "Pod", "p0", "20")
         .custom("qps", "Pod", "p1", "10")
         .custom("qps", "Pod", "p2", "30"),
     4, "scale_out", kUp},
    {"no_metrics_means_cpu_at_80_percent",  // 160/80 x 2
     HpaDocument(2, 1, 10).usage({"1600m", "1600m"}), 4, "scale_out", kUp},
};

const Case kForService[] = {
    {"object_value_times_ready_pods",  // 20/15 x 3
     HpaDocument(3, 1, 10)
         .metric(ingress_qps({{"type", "Value"}, {"value", "15"}}))
         .custom("qps", "Ingress", "main", "20")
         .custom("qps", "Ingress", "other", "2000"),
     4, "scale_out", kUp},
    {"object_value_with_few_ready_pods_scales_in",  // 1.95 x 1: the HPA's own hazard
     HpaDocument(3, 1, 10)
         .metric(ingress_qps({{"type", "Value"}, {"value", "100"}}))
         .custom("qps", "Ingress", "main", "195")
         .set("/pods/0/status/conditions/0/status", "False")
         .set("/pods/1/status/conditions/0/status", "False"),
     2, "scale_in", kUp},
    {"object_average_ignores_readiness",  // 75/15, 75/45 is outside tolerance
     HpaDocument(3, 1, 10)
         .metric(ingress_qps({{"type", "AverageValue"}, {"averageValue", "15"}}))
         .custom("qps", "Ingress", "main", "75"),
     5, "scale_out", kUp},
    {"external_series_are_summed",  // 6 + 14 of 15, x 3
     HpaDocument(3, 1, 10)
         .metric(queue({{"type", "Value"}, {"value", "15"}}))
         .external("queue", "6")
         .external("other", "100")
         .external("queue", "14"),
     4, "scale_out", kUp},
    {"external_labels_are_selected",  // 30 of 10, x 3; the growth limit is 6
     HpaDocument(3, 1, 60)
         .metric(queue({{"type", "Value"}, {"value", "10"}}))
         .set("/policy/spec/metrics/0/external/metric/selector",
              {{"matchLabels", {{"tier", "gold"}}},
               {"matchExpressions", {{{"key", "zone"}, {"operator", "NotIn"}, {"values", {"b"}}}}}})
         .set("/metrics/external",
              {{{"metricName", "queue"}, {"value", "15"}, {"metricLabels", {{"tier", "gold"}}}},
               {{"metricName", "queue"},
                {"value", "15"},
                {"metricLabels", {{"tier", "gold"}, {"zone", "a"}}}},
               {{"metricName", "queue"},
                {"value", "900"},
                {"metricLabels", {{"tier", "gold"}, {"zone", "b"}}}},
               {{"metricName", "queue"}, {"value", "900"}, {"metricLabels", {{"tier", "tin"}}}}}),
     6, "scale_out", "SucceededRescale ValidMetricFound ScaleUpLimit"},
    {"from_zero_a_value_is_a_count",  // ceil(20/15); min 0 keeps scaling on
     HpaDocument(0, 0, 10)
         .metric(queue({{"type", "Value"}, {"value", "15"}}))
         .external("queue", "20"),
     2, "scale_out", kUp},
    {"from_zero_where_the_status_says_that_the_hpa_went_there",
     HpaDocument(0, 0, 10)
         .metric(queue({{"type", "Value"}, {"value", "15"}}))
         .external("queue", "20")
         .set("/policy/status/conditions", {{{"type", "ScaledToZero"}, {"status", "True"}}}),
     2, "scale_out", kUp},
    {"not_from_a_zero_that_was_set_by_hand",
     HpaDocument(0, 0, 10)
         .metric(queue({{"type", "Value"}, {"value", "15"}}))
         .external("queue", "20")
         .set("/policy/status/conditions", {{{"type", "AbleToScale"}, {"status", "True"}}}),
     0, "disabled", "SucceededGetScale !ScalingDisabled"},
};

const Case kLimits[] = {
    {"max_binds",  // 616 %: 21 wanted
     HpaDocument(3, 2, 5).cpu_target(90).usage({"8000m", "9500m", "1000m"}), 5, "scale_out",
     "SucceededRescale ValidMetricFound TooManyReplicas"},
    {"without_behavior_growth_ends_at_twice_the_size",
     HpaDocument(3, 2, 60).cpu_target(90).usage({"8000m", "9500m", "1000m"}), 6, "scale_out",
     "SucceededRescale ValidMetricFound ScaleUpLimit"},
    {"one_may_grow_to_four", HpaDocument(1, 1, 60).cpu_target(10).usage({"9"}), 4, "scale_out",
     "SucceededRescale ValidMetricFound ScaleUpLimit"},
    {"a_limit_at_max_is_called_max",
     HpaDocument(3, 2, 6).cpu_target(90).usage({"8000m", "9500m", "1000m"}), 6, "scale_out",
     "SucceededRescale ValidMetricFound TooManyReplicas"},
    {"min_binds",  // 115m of 3000m: 3 %, 1 wanted
     HpaDocument(3, 2, 60).cpu_target(90).usage({"10m", "95m", "10m"}), 2, "scale_in",
     "SucceededRescale ValidMetricFound TooFewReplicas"},
    {"above_max_goes_to_max_before_any_metric", HpaDocument(12, 2, 10).cpu_target(50), 10,
     "above_max", "SucceededRescale"},
    {"below_min_goes_to_min_before_any_metric", HpaDocument(1, 2, 10).cpu_target(50), 2,
     "below_min", "SucceededRescale"},
    {"zero_switches_scaling_off", HpaDocument(0, 1, 10).cpu_target(50).usage({"500m"}), 0,
     "disabled", "SucceededGetScale !ScalingDisabled"},
    {"behavior_defaults_allow_the_larger_of_4_pods_and_100_percent",
     hot_with_behavior({{"scaleUp", Json::object()}}), 7, "scale_out",
     "SucceededRescale ValidMetricFound ScaleUpLimit"},
    {"a_rate_counts_what_was_added_in_its_period",  // 3 - 1 added + 1
     hot_with_behavior(
         {{"scaleUp", {{"policies", {{{"type", "Pods"}, {"value", 1}, {"periodSeconds", 60}}}}}}})
         .scaled(30, 1),
     3, "rate_limited", "ReadyForNewScale ValidMetricFound ScaleUpLimit"},
    {"an_event_at_the_edge_of_the_period_is_out",
     hot_with_behavior(
         {{"scaleUp", {{"policies", {{{"type", "Pods"}, {"value", 1}, {"periodSeconds", 60}}}}}}})
         .scaled(60, 1),
     4, "scale_out", "SucceededRescale ValidMetricFound ScaleUpLimit"},
    {"disabled_is_disabled", hot_with_behavior({{"scaleUp", {{"selectPolicy", "Disabled"}}}}), 3,
     "rate_limited", "ReadyForNewScale ValidMetricFound ScaleUpLimit"},
    {"a_percentage_down_is_cut_off",  // 5 x 0.9 = 4.5
     cool().set("/policy/spec/behavior",
                {{"scaleDown",
                  {{"policies", {{{"type", "Percent"}, {"value", 10}, {"periodSeconds", 60}}}}}}}),
     4, "scale_in", "SucceededRescale ValidMetricFound ScaleDownLimit"},
};

const Case kWindows[] = {
    {"nothing_remembered_holds_nothing", cool(), 3, "scale_in", kUp},
    {"first_sight_remembers_the_size", cool().erase("history"), 5, "stabilized",
     "ScaleDownStabilized ValidMetricFound !DesiredWithinRange"},
    {"a_recommendation_in_the_window_holds", cool().recommended(60, 4), 4, "scale_in", kUp},
    {"as_old_as_the_window_still_counts", cool().recommended(300, 4), 4, "scale_in", kUp},
    {"older_does_not", cool().recommended(300.001, 4), 3, "scale_in", kUp},
    {"the_flag_shortens_the_window",
     cool().recommended(61, 4).set("/flags", {{"downscaleStabilization", "1m0s"}}), 3, "scale_in",
     kUp},
    {"before_behavior_an_old_recommendation_may_even_scale_out", cool().recommended(60, 8), 8,
     "scale_out", kUp},
    {"with_behavior_it_only_holds",
     cool().recommended(60, 8).set("/policy/spec/behavior", Json::object()), 5, "stabilized",
     "ScaleDownStabilized ValidMetricFound !DesiredWithinRange"},
    {"with_behavior_the_edge_is_out",
     cool().recommended(300, 4).set("/policy/spec/behavior", Json::object()), 3, "scale_in", kUp},
    {"behavior_without_a_window_takes_the_flag",
     cool()
         .recommended(61, 4)
         .set("/policy/spec/behavior", Json::object())
         .set("/flags", {{"downscaleStabilization", "60s"}}),
     3, "scale_in", kUp},
    {"a_window_up_waits",
     hot().recommended(20, 3).set("/policy/spec/behavior",
                                  {{"scaleUp", {{"stabilizationWindowSeconds", 30}}}}),
     3, "stabilized", "ScaleUpStabilized ValidMetricFound !DesiredWithinRange"},
};

const Case kFailures[] = {
    {"no_samples_at_all", HpaDocument(3, 1, 10).cpu_target(50).usage({}), 3, "no_answer",
     "SucceededGetScale !FailedGetResourceMetric"},
    {"a_pod_without_request_fails_the_metric",
     hot().set("/pods/2/spec/containers/0/resources", Json::object()), 3, "no_answer",
     "SucceededGetScale !FailedGetResourceMetric"},
    {"no_external_series",
     HpaDocument(3, 1, 10).metric(queue({{"type", "Value"}, {"value", "15"}})), 3, "no_answer",
     "SucceededGetScale !FailedGetExternalMetric"},
    {"the_other_metric_may_scale_out",  // 20/5
     HpaDocument(3, 1, 10)
         .cpu_target(50)
         .metric(queue({{"type", "AverageValue"}, {"averageValue", "5"}}))
         .external("queue", "20"),
     4, "scale_out", kUp},
    {"the_other_metric_may_not_scale_in",  // 5/5
     HpaDocument(3, 1, 10)
         .cpu_target(50)
         .metric(queue({{"type", "AverageValue"}, {"averageValue", "5"}}))
         .external("queue", "5"),
     3, "missing_signal", "SucceededGetScale !FailedGetResourceMetric"},
};

std::string case_name(const testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(per_pod, Hpa, testing::ValuesIn(kPerPod), case_name);
INSTANTIATE_TEST_SUITE_P(for_service, Hpa, testing::ValuesIn(kForService), case_name);
INSTANTIATE_TEST_SUITE_P(limits, Hpa, testing::ValuesIn(kLimits), case_name);
INSTANTIATE_TEST_SUITE_P(windows, Hpa, testing::ValuesIn(kWindows), case_name);
INSTANTIATE_TEST_SUITE_P(failures, Hpa, testing::ValuesIn(kFailures), case_name);

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

}  // namespace
}  // namespace autoscaler
