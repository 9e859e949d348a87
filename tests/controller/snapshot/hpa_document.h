#pragma once

#include "controller/snapshot/decide.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <utility>
#include <vector>

namespace autoscaler {

// A `decide` document about pods of a Deployment, in Kubernetes' field names. Pods p0, p1, ... have
// been Running and Ready since 09:00 and ask for one CPU each; it is 10:00 and nothing is
// remembered.
class HpaDocument {
 public:
  using Json = nlohmann::json;

  HpaDocument(int replicas, int min, int max) {
    json_ = {{"now", "2026-11-22T10:00:00Z"},
             {"policy",
              {{"apiVersion", "autoscaling/v2"},
               {"kind", "HorizontalPodAutoscaler"},
               {"metadata", {{"name", "checkout"}, {"namespace", "shop"}}},
               {"spec", {{"minReplicas", min}, {"maxReplicas", max}, {"metrics", Json::array()}}}}},
             {"scale", {{"spec", {{"replicas", replicas}}}, {"status", {{"replicas", replicas}}}}},
             {"pods", Json::array()},
             {"metrics", Json::object()},
             {"history", {{"recommendations", Json::array()}}}};
    for (int i = 0; i < replicas; ++i) json_["pods"].push_back(pod(i));
  }

  static Json pod(int i) {
    return {{"metadata", {{"name", "p" + std::to_string(i)}, {"deletionTimestamp", nullptr}}},
            {"spec",
             {{"containers", {{{"name", "app"}, {"resources", {{"requests", {{"cpu", "1"}}}}}}}}}},
            {"status",
             {{"phase", "Running"},
              {"startTime", "2026-11-22T09:00:00Z"},
              {"conditions",
               {{{"type", "Ready"},
                 {"status", "True"},
                 {"lastTransitionTime", "2026-11-22T09:00:20Z"}}}}}}};
  }

  static Json pod_metrics(int i, const std::string& cpu) {
    return {{"metadata", {{"name", "p" + std::to_string(i)}}},
            {"timestamp", "2026-11-22T09:59:50Z"},
            {"window", "60s"},
            {"containers", {{{"name", "app"}, {"usage", {{"cpu", cpu}}}}}}};
  }

  HpaDocument& metric(Json metric) {
    spec()["metrics"].push_back(std::move(metric));
    return *this;
  }
  HpaDocument& cpu_target(int percent) {
    return metric({{"type", "Resource"},
                   {"resource",
                    {{"name", "cpu"},
                     {"target", {{"type", "Utilization"}, {"averageUtilization", percent}}}}}});
  }
  // "": this pod has no sample.
  HpaDocument& usage(const std::vector<std::string>& cpu) {
    Json& list = json_["metrics"]["podMetrics"] = Json::array();
    for (size_t i = 0; i < cpu.size(); ++i) {
      if (!cpu[i].empty()) list.push_back(pod_metrics(static_cast<int>(i), cpu[i]));
    }
    return *this;
  }
  HpaDocument& custom(const std::string& metric, const std::string& kind, const std::string& name,
                      const std::string& value) {
    json_["metrics"]["custom"].push_back({{"metric", {{"name", metric}}},
                                          {"describedObject", {{"kind", kind}, {"name", name}}},
                                          {"timestamp", "2026-11-22T09:59:50Z"},
                                          {"windowSeconds", 60},
                                          {"value", value}});
    return *this;
  }
  HpaDocument& external(const std::string& metric, const std::string& value) {
    json_["metrics"]["external"].push_back({{"metricName", metric}, {"value", value}});
    return *this;
  }
  HpaDocument& recommended(double age_seconds, int replicas) {
    json_["history"]["recommendations"].push_back(
        {{"ageSeconds", age_seconds}, {"replicas", replicas}});
    return *this;
  }
  HpaDocument& scaled(double age_seconds, int change) {
    json_["history"]["scaleEvents"].push_back({{"ageSeconds", age_seconds}, {"change", change}});
    return *this;
  }
  // Anything else, by JSON pointer: set("/pods/0/status/phase", "Pending").
  HpaDocument& set(const std::string& pointer, Json value) {
    json_[Json::json_pointer(pointer)] = std::move(value);
    return *this;
  }
  HpaDocument& erase(const std::string& key) {
    json_.erase(key);
    return *this;
  }

  Json& spec() { return json_["policy"]["spec"]; }
  std::string text() const { return json_.dump(); }

 private:
  Json json_;
};

inline nlohmann::json decide(const HpaDocument& document) {
  const auto text = decide_json(document.text());
  EXPECT_TRUE(text.ok()) << (text.ok() ? "" : text.error().message);
  return text.ok() ? nlohmann::json::parse(*text) : nlohmann::json::object();
}

inline HpaDocument hot() {  // 1500m of 3000m is 50 %: ratio 50/30
  return HpaDocument(3, 2, 60).cpu_target(30).usage({"300m", "500m", "700m"});
}
}  // namespace autoscaler
