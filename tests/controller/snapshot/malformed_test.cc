#include "controller/snapshot/decide.h"
#include "controller/snapshot/snapshot.h"
#include "tests/controller/snapshot/hpa_document.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <string>

namespace autoscaler {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

HpaDocument good() {
  return HpaDocument(2, 1, 10).cpu_target(50).usage({"500m", "500m"});
}

Json own() {
  return Json::parse(R"({
    "now": "2026-11-22T10:00:00Z",
    "policy": {"name": "checkout", "replicas": {"min": 1, "max": 9},
               "signals": {"rps": {"source": "scrape", "counter": "http_requests_total"}},
               "policies": [{"track": {"signal": "rps", "perInstance": "100/s"}}]},
    "instances": [{"id": "i1"}, {"id": "i2"}],
    "signals": {"rps": [{"instance": "i1", "value": 100}, {"instance": "i2", "value": 100}]},
    "history": {"recommendations": []}})");
}

struct Case {
  std::string name;
  std::string text;
  std::string place;   // the line begins with it
  std::string remedy;  // and says this
};

Case kube(const std::string& name, const std::string& pointer, Json value, const std::string& place,
          const std::string& remedy) {
  return {name, good().set(pointer, std::move(value)).text(), place, remedy};
}
Case ours(const std::string& name, const std::string& pointer, Json value, const std::string& place,
          const std::string& remedy) {
  Json document = own();
  document[Json::json_pointer(pointer)] = std::move(value);
  return {name, document.dump(), place, remedy};
}
Case without(const std::string& key, const std::string& remedy) {
  return {"without_" + key, good().erase(key).text(), key + ": ", remedy};
}

std::string nested(int depth) {
  return std::string(static_cast<size_t>(depth), '[') +
         std::string(static_cast<size_t>(depth), ']');
}

void PrintTo(const Case& test, std::ostream* out) {
  *out << test.name;
}

class Malformed : public testing::TestWithParam<Case> {};

TEST_P(Malformed, names_the_place_and_the_remedy) {
  const auto decision = decide_json(GetParam().text);
  ASSERT_FALSE(decision.ok()) << *decision;
  EXPECT_EQ(decision.error().code, Code::kInvalid);
  const std::string lines = "\n" + decision.error().message;
  EXPECT_THAT(lines, HasSubstr("\n" + GetParam().place));
  EXPECT_THAT(lines, HasSubstr(GetParam().remedy));
  EXPECT_FALSE(decide_text(GetParam().text).ok());
}

std::string case_name(const testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

const char* const kMetric = "/policy/spec/metrics/0/resource/target";

INSTANTIATE_TEST_SUITE_P(
    documents, Malformed,
    testing::Values(
        ours("learned_of_no_signal", "/learned", {{"capacity", {{"rsp", {{"evidence", "fit"}}}}}},
             "learned.capacity.rsp: ", "did you mean 'rps'"),
        ours("learned_in_an_unknown_way", "/learned",
             {{"capacity", {{"rps", {{"evidence", "hope"}}}}}},
             "learned.capacity.rps.evidence: ", "too_few_samples"),
        ours("a_capacity_of_nothing", "/learned",
             {{"capacity", {{"rps", {{"evidence", "fit"}, {"perInstance", 0}}}}}},
             "learned.capacity.rps.perInstance: ", "above 0"),
        ours("a_forecast_of_nobody", "/learned", {{"forecast", {{"oracle", {{"gate", "open"}}}}}},
             "learned.forecast.oracle: ", "predicts under no such name"),
        ours("a_budget_of_words", "/learned", {{"budget", {{"price", "dear"}}}},
             "learned.budget.price: ", "number"),
        Case{"empty", "", "the document is not JSON", "unexpected end of input"},
        Case{"cut_off", R"({"now": )", "the document is not JSON", "line 1, column"},
        Case{"two_documents", "{} {}", "the document is not JSON", "expected end of input"},
        Case{"no_object", "[1]", "the document is no object", "\"policy\""},
        Case{"only_null", "null", "the document is no object", "\"policy\""},
        Case{"huge_number", R"({"now": 1e999})", "the document is not JSON", "1e999"},
        Case{"not_utf8", "{\"now\": \"\xff\"}", "the document is not JSON", "UTF-8"},
        Case{"too_deep", nested(65), "the document cannot be read", "past 64 levels"},
        Case{"a_million_deep", nested(1'000'000), "the document cannot be read", "past 64 levels"},
        Case{"twice_the_same_key", R"({"now": "x", "now": "y"})", "the document cannot be read",
             "\"now\" is there twice"},
        without("now", "\"2026-11-22T10:00:00Z\""), without("policy", "HorizontalPodAutoscaler"),
        without("scale", "{\"spec\": {\"replicas\": 3}}"),
        without("pods", "[] where there are none"),
        kube("unknown_key", "/metric", 1, "metric: ", "did you mean 'metrics'?"),
        kube("now_is_a_number", "/now", 17, "now: ", "expected a string, found number 17"),
        kube("now_is_no_time", "/now", "today", "now: ", "RFC 3339"),
        kube("policy_is_text", "/policy", "hpa", "policy: ", "expected an object"),
        kube("replicas_is_text", "/scale/spec/replicas", "3",
             "scale.spec.replicas: ", "a whole number from 0 to 2147483647, found string \"3\""),
        kube("replicas_negative", "/scale/spec/replicas", -1, "scale.spec.replicas: ", "from 0"),
        kube("replicas_too_large", "/scale/spec/replicas", 18446744073709551615u,
             "scale.spec.replicas: ", "to 2147483647"),
        kube("pods_is_an_object", "/pods", Json::object(), "pods: ", "expected an array"),
        kube("pods_beside_instances", "/instances", Json::array(), "pods: ", "give one of the two"),
        kube("signals_beside_metrics", "/signals", Json::object(),
             "metrics: ", "give one of the two"),
        kube("flag_unknown", "/flags/tolerances", 1,
             "flags.tolerances: ", "did you mean 'tolerance'?"),
        kube("flag_is_no_duration", "/flags/initialReadinessDelay", "30",
             "flags.initialReadinessDelay: ", "30s"),
        kube("flag_is_negative", "/flags/downscaleStabilization", "-1s",
             "flags.downscaleStabilization: ", "0s or more"),
        kube("tolerance_is_negative", "/flags/tolerance", -0.1, "flags.tolerance: ", "from 0"),
        kube("metrics_key_unknown", "/metrics/pods", Json::array(),
             "metrics.pods: ", "Allowed: podMetrics, custom or external")),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    hpa, Malformed,
    testing::Values(
        kube("v1", "/policy/apiVersion", "autoscaling/v1",
             "policy.apiVersion: ", "autoscaling/v2 is read"),
        kube("a_deployment", "/policy/kind", "Deployment",
             "policy.kind: ", "HorizontalPodAutoscaler"),
        kube("no_spec", "/policy/spec", nullptr, "policy.spec: ", "is missing"),
        kube("no_max", "/policy/spec/maxReplicas", nullptr,
             "policy.spec.maxReplicas: ", "is missing"),
        kube("max_below_min", "/policy/spec/minReplicas", 11,
             "policy.spec.maxReplicas: ", "lower minReplicas"),
        kube("min_0_with_cpu_alone", "/policy/spec/minReplicas", 0,
             "policy.spec.minReplicas: ", "Object or External"),
        kube("metric_type", "/policy/spec/metrics/0/type", "CPU", "policy.spec.metrics[0].type: ",
             "Resource, ContainerResource, Pods, Object or External"),
        kube("metric_without_its_field", "/policy/spec/metrics/0/type", "Pods",
             "policy.spec.metrics[0].pods: ", "is missing"),
        kube("metric_is_text", "/policy/spec/metrics/0", "cpu",
             "policy.spec.metrics[0]: ", "expected an object"),
        kube("target_0", std::string(kMetric) + "/averageUtilization", 0,
             "policy.spec.metrics[0].resource.target.averageUtilization: ", "from 1"),
        kube("two_targets", std::string(kMetric) + "/averageValue", "1",
             "policy.spec.metrics[0].resource.target: ", "exactly one"),
        kube("no_target", kMetric, Json::object(),
             "policy.spec.metrics[0].resource.target: ", "exactly one"),
        kube("target_of_another_type", std::string(kMetric) + "/type", "AverageValue",
             "policy.spec.metrics[0].resource.target.type: ", "write \"Utilization\""),
        kube("value_of_a_resource", kMetric, {{"type", "Value"}, {"value", "1"}},
             "policy.spec.metrics[0].resource.target.value: ",
             "averageValue or averageUtilization"),
        kube("average_value_0", kMetric, {{"averageValue", "0"}},
             "policy.spec.metrics[0].resource.target.averageValue: ", "above 0"),
        kube("average_value_is_no_quantity", kMetric, {{"averageValue", "1 core"}},
             "policy.spec.metrics[0].resource.target.averageValue: ", "250m"),
        kube("behavior_window", "/policy/spec/behavior/scaleDown/stabilizationWindowSeconds", 3601,
             "policy.spec.behavior.scaleDown.stabilizationWindowSeconds: ", "from 0 to 3600"),
        kube("behavior_select", "/policy/spec/behavior/scaleUp/selectPolicy", "max",
             "policy.spec.behavior.scaleUp.selectPolicy: ", "Max, Min or Disabled"),
        kube("behavior_without_policies", "/policy/spec/behavior/scaleUp/policies", Json::array(),
             "policy.spec.behavior.scaleUp.policies: ", "leave it out for the defaults"),
        kube("behavior_period", "/policy/spec/behavior/scaleUp/policies",
             {{{"type", "Pods"}, {"value", 1}, {"periodSeconds", 1801}}},
             "policy.spec.behavior.scaleUp.policies[0].periodSeconds: ", "from 1 to 1800"),
        kube("pod_without_name", "/pods/1/metadata", Json::object(),
             "pods[1].metadata.name: ", "is missing"),
        kube("pod_twice", "/pods/1/metadata/name", "p0", "pods: ", "two pods are called \"p0\""),
        kube("pod_phase", "/pods/0/status/phase", "running",
             "pods[0].status.phase: ", "Pending, Running"),
        kube("pod_start", "/pods/0/status/startTime", "9:00",
             "pods[0].status.startTime: ", "RFC 3339"),
        kube("pod_condition", "/pods/0/status/conditions/0/status", "yes",
             "pods[0].status.conditions[0].status: ", "True, False or Unknown"),
        kube("pod_request", "/pods/0/spec/containers/0/resources/requests/cpu", "one",
             "pods[0].spec.containers[0].resources.requests.cpu: ", "250m"),
        kube("usage", "/metrics/podMetrics/0/containers/0/usage/cpu", "10P",
             "metrics.podMetrics[0].containers[0].usage.cpu: ", "9223372036854775.807"),
        kube("sample_window", "/metrics/podMetrics/0/window", "60",
             "metrics.podMetrics[0].window: ", "is not a duration"),
        kube("sample_of_nobody", "/metrics/podMetrics/0/metadata", nullptr,
             "metrics.podMetrics[0].metadata: ", "name the pod")),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    own_nouns, Malformed,
    testing::Values(
        ours("bounds", "/policy/replicas/max", 0, "policy.replicas.max: ", "0"),
        ours("policy_key", "/policy/signal", 1, "policy.signal: ", "signals"),
        ours("flags_without_compatibility", "/flags", Json::object(),
             "flags: ", "compatibility: hpa"),
        ours("metrics_without_hpa", "/metrics", Json::object(), "metrics: ", "signals"),
        ours("instance_twice", "/instances/1/id", "i1",
             "instances: ", "two instances are called \"i1\""),
        ours("instance_without_id", "/instances/1", Json::object(),
             "instances[1].id: ", "is missing"),
        ours("lifecycle", "/instances/1/lifecycle", "alive",
             "instances[1].lifecycle: ", "in_service"),
        ours("signal_unknown", "/signals/rsp", Json::object(),
             "signals.rsp: ", "did you mean 'rps'?"),
        ours("reading_is_a_number", "/signals/rps", 100, "signals.rps: ", "expected an object"),
        ours("reading_key", "/signals/rps/0/age", 1, "signals.rps[0].age: ", "Allowed: instance"),
        ours("reading_twice", "/signals/rps/1/instance", "i1",
             "signals.rps: ", "two readings of \"i1\""),
        ours("missing_reason", "/signals/rps", {{"missing", "gone"}},
             "signals.rps.missing: ", "timeout"),
        ours("half_a_ratio", "/signals/rps", {{"value", {{"numerator", 1}}}},
             "signals.rps.value.denominator: ", "two parts"),
        ours("histogram_without_inf", "/signals/rps",
             {{"value", {{"bounds", {0.1, 1}}, {"rates", {1, 2}}}}},
             "signals.rps.value.bounds: ", "\"+Inf\""),
        ours("histogram_out_of_order", "/signals/rps",
             {{"value", {{"bounds", {1, 1, "+Inf"}}, {"rates", {1, 2, 3}}}}},
             "signals.rps.value.bounds: ", "ascend"),
        ours("histogram_one_rate_short", "/signals/rps",
             {{"value", {{"bounds", {1, "+Inf"}}, {"rates", {1}}}}},
             "signals.rps.value.rates: ", "1 rates for 2 bounds"),
        ours("value_of_no_kind", "/signals/rps", {{"value", {{"count", 1}}}},
             "signals.rps.value: ", "{numerator, denominator}"),
        ours("recommendation_without_age", "/history/recommendations", {{{"replicas", 3}}},
             "history.recommendations[0].ageSeconds: ", "how long before"),
        ours("age_is_negative", "/history/recommendations", {{{"ageSeconds", -1}, {"replicas", 3}}},
             "history.recommendations[0].ageSeconds: ", "before `now`"),
        ours("ends_exchanged", "/history/recommendations",
             {{{"first", "2026-11-22T09:59:00Z"},
               {"last", "2026-11-22T09:58:00Z"},
               {"replicas", 3}}},
             "history.recommendations[0].last: ", "exchange them"),
        ours("event_without_change", "/history/scaleEvents", {{{"ageSeconds", 1}}},
             "history.scaleEvents[0].change: ", "removed (-2)"),
        ours("memory_of_no_policy", "/history/policies", {{"track-cpu", Json::object()}},
             "history.policies.track-cpu: ", "Allowed: "),
        ours("journal_writable", "/journalWritable", "no", "journalWritable: ", "true or false")),
    case_name);

TEST(MalformedDocuments, all_problems_are_told_at_once) {
  HpaDocument document = good();
  document.set("/pods/0/status/phase", "up").set("/pods/1/status/phase", "down");
  const auto decision = decide_json(document.text());
  ASSERT_FALSE(decision.ok());
  EXPECT_THAT(decision.error().message, HasSubstr("pods[0].status.phase"));
  EXPECT_THAT(decision.error().message, HasSubstr("\npods[1].status.phase"));
}

TEST(MalformedDocuments, a_flood_of_problems_is_cut) {
  HpaDocument document = good();
  for (int i = 0; i < 100; ++i) document.set("/key" + std::to_string(i), 1);
  const auto decision = decide_json(document.text());
  ASSERT_FALSE(decision.ok());
  EXPECT_THAT(decision.error().message, HasSubstr("and 80 more"));
}

// Every prefix of a document, and every document with one byte changed: an answer or an Error.
TEST(MalformedDocuments, no_damage_stops_the_program) {
  const std::string text = good().text();
  for (size_t i = 0; i < text.size(); ++i) {
    EXPECT_FALSE(decide_json(text.substr(0, i)).ok()) << i;
    std::string damaged = text;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    const auto decision = decide_json(damaged);
    EXPECT_TRUE(decision.ok() || !decision.error().message.empty()) << i;
  }
}

}  // namespace
}  // namespace autoscaler
