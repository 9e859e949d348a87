#include "controller/snapshot/decide.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <string>

namespace autoscaler {
namespace {

using Json = nlohmann::json;

// A workload of our own on two instances: cpu at 91 % of two cores against 65 %.
Json document() {
  return Json::parse(R"({
    "now": "2026-11-22T10:00:00Z",
    "policy": {
      "name": "checkout", "replicas": {"min": 1, "max": 9},
      "signals": {
        "cpu": {"source": "scrape", "counter": "process_cpu_seconds_total", "capacity": 2},
        "latency": {"source": "scrape", "histogram": "http_request_duration_seconds",
                    "quantile": 0.95}},
      "policies": [
        {"track": {"signal": "cpu", "target": "65%"}},
        {"threshold": {"out": {"any": [{"signal": "latency", "above": "500ms"}], "add": 2}}}]},
    "instances": [{"id": "i1"}, {"id": "i2"}],
    "signals": {
      "cpu": [{"instance": "i1", "value": 0.9, "at": "2026-11-22T09:59:58Z", "window": "30s"},
              {"instance": "i2", "value": 0.92, "at": "2026-11-22T09:59:58Z", "window": "30s"}],
      "latency": {"missing": "timeout", "detail": "no answer in 1 s"}},
    "history": {"recommendations": []}})");
}

Json decide(const Json& input) {
  const auto text = decide_json(input.dump());
  EXPECT_TRUE(text.ok()) << (text.ok() ? "" : text.error().message);
  return text.ok() ? Json::parse(*text) : Json::object();
}

TEST(Decide, writes_the_whole_decision) {
  const Json decision = decide(document());
  EXPECT_EQ(decision, Json::parse(R"({
    "from": 2, "to": 3, "reason": "scale_out", "combined": 3,
    "proposals": [
      {"policy": "threshold-1", "metric": "latency", "target": 0.5, "abstain": "held",
       "missing": "timeout"},
      {"policy": "track-cpu", "metric": "cpu", "current": 0.91, "target": 0.65, "replicas": 3}],
    "adjustments": [], "conditions": []})"))
      << decision.dump(2);
}

TEST(Decide, takes_a_scaling_policy_as_kubernetes_shows_it) {
  Json input = document();
  Json spec = input["policy"];
  spec.erase("name");
  spec["target"] = {{"kind", "Deployment"}, {"name", "checkout"}};
  input["policy"] = {{"apiVersion", "autoscaler.io/v1alpha1"},
                     {"kind", "ScalingPolicy"},
                     {"metadata", {{"namespace", "shop"}, {"name", "checkout"}}},
                     {"spec", spec},
                     {"status", {{"desiredReplicas", 2}}}};
  EXPECT_EQ(decide(input), decide(document()));
  input["policy"]["spec"]["replicas"]["min"] = 20;
  const auto wrong = decide_json(input.dump());
  ASSERT_FALSE(wrong.ok());
  EXPECT_THAT(wrong.error().message, testing::HasSubstr("policy.spec.replicas.min: found min 20"));
  input["policy"].erase("spec");
  EXPECT_THAT(decide_json(input.dump()).error().message, testing::HasSubstr("policy.spec"));
}

TEST(Decide, says_the_same_in_words) {
  const auto text = decide_text(document().dump());
  ASSERT_TRUE(text.ok()) << text.error().message;
  EXPECT_EQ(*text,
            "checkout 2 -> 3: track-cpu wants 3 (cpu 91% of target 65%)\n"
            "  reason      scale_out\n"
            "  policy      track-cpu wants 3 (cpu 91% of target 65%)\n"
            "  policy      threshold-1 abstains (latency missing: timeout, whenMissing hold)\n");
}

TEST(Decide, the_same_document_gives_the_same_bytes) {
  const std::string text = document().dump();
  EXPECT_EQ(*decide_json(text), *decide_json(text));
}

TEST(Decide, a_signal_that_is_not_there_is_missing) {
  Json input = document();
  input["signals"].erase("cpu");
  const Json decision = decide(input);
  EXPECT_EQ(decision["reason"], "no_answer");
  EXPECT_EQ(decision["proposals"][1]["missing"], "no_series");
}

TEST(Decide, the_size_is_what_counts_unless_scale_says_it) {
  Json input = document();
  input["instances"] = Json::parse(
      R"([{"id": "i1"}, {"id": "i2"}, {"id": "i3", "lifecycle": "warming"},
          {"id": "i4", "lifecycle": "draining"}, {"id": "i5", "lifecycle": "failed"}])");
  EXPECT_EQ(decide(input)["from"], 3);
  input["scale"] = {{"spec", {{"replicas", 7}}}};
  EXPECT_EQ(decide(input)["from"], 7);
}

TEST(Decide, first_sight_holds_a_scale_in_and_an_empty_history_does_not) {
  Json input = document();
  input["signals"]["latency"] =
      Json::parse(R"({"value": {"bounds": [0.1, "+Inf"], "rates": [9, 0]}})");
  for (Json& each : input["signals"]["cpu"]) each["value"] = 0.1;
  EXPECT_EQ(decide(input)["to"], 1);
  input.erase("history");
  EXPECT_EQ(decide(input)["to"], 2);
  EXPECT_EQ(decide(input)["reason"], "stabilized");
  input["history"] = Json::object();  // nothing said about recommendations
  EXPECT_EQ(decide(input)["to"], 2);
}

TEST(Decide, compatibility_hpa_gives_conditions_and_takes_flags) {
  Json input = document();
  input["policy"]["compatibility"] = "hpa";
  input["policy"]["policies"].erase(1);
  input["flags"] = {{"downscaleStabilization", "1m"}};
  for (Json& each : input["signals"]["cpu"]) each["value"] = 0.1;
  input["history"]["recommendations"] = {{{"ageSeconds", 61}, {"replicas", 2}}};
  EXPECT_EQ(decide(input)["to"], 1);
  EXPECT_EQ(decide(input)["conditions"][0]["reason"], "SucceededRescale");
  input["history"]["recommendations"][0]["ageSeconds"] = 60;
  EXPECT_EQ(decide(input)["conditions"][0]["reason"], "ScaleDownStabilized");
}

TEST(Decide, without_a_journal_nothing_is_scaled_in) {
  Json input = document();
  input["signals"]["latency"] =
      Json::parse(R"({"value": {"bounds": [0.1, "+Inf"], "rates": [9, 0]}})");
  for (Json& each : input["signals"]["cpu"]) each["value"] = 0.1;
  input["journalWritable"] = false;
  EXPECT_EQ(decide(input)["reason"], "journal");
}

}  // namespace
}  // namespace autoscaler
