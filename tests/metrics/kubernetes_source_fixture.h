#pragma once

#include "metrics/kubernetes_source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>

namespace autoscaler {

inline constexpr Instant kNow{std::chrono::seconds(1790000000)};  // 2026-09-21T14:13:20Z

// Answers by path, and keeps what it was asked.
class FakeMetrics final : public KubernetesMetricsApi {
 public:
  Result<std::string> get(const std::string& path, Duration deadline, const std::stop_token&,
                          std::string room) override {
    const std::lock_guard lock(mutex_);
    asked_.push_back(path);
    deadlines[path] = deadline;
    rooms[path] = room.capacity();
    if (outage) return *outage;
    if (path == sick) return Error{Code::kUnavailable, "no answer"};
    const auto found = pages.find(path);
    if (found == pages.end()) return Error{Code::kNotFound, "the server could not find " + path};
    return found->second;
  }
  // Since it was last asked for, in order.
  std::vector<std::string> asked() {
    const std::lock_guard lock(mutex_);
    std::sort(asked_.begin(), asked_.end());
    return std::exchange(asked_, {});
  }

  std::map<std::string, std::string> pages;
  std::optional<Error> outage;
  std::string sick;                           // the path that is not answered
  std::map<std::string, Duration> deadlines;  // by path
  std::map<std::string, size_t> rooms;        // bytes, by path

 private:
  std::mutex mutex_;
  std::vector<std::string> asked_;
};

inline const char* const kPodsPath = "/apis/metrics.k8s.io/v1beta1/namespaces/store/pods";

inline std::string usage(const std::string& pod, const std::string& cpu) {
  return R"({"metadata":{"name":")" + pod +
         R"(","labels":{"name":"other","app/name":"x"}},"timestamp":"2026-09-21T14:13:00Z",)"
         R"("window":"15.5s","containers":[{"name":"app","usage":{"cpu":")" +
         cpu + R"(","memory":"64Mi"}}]})";
}

inline std::string pod_list(const std::vector<std::string>& items) {
  std::string text = R"({"metadata":{},"items":[)";
  for (const std::string& item : items) text += (text.back() == '[' ? "" : ",") + item;
  return text + R"(],"kind":"PodMetricsList","apiVersion":"metrics.k8s.io/v1beta1"})";
}

inline PodFacts facts(int64_t cpu_milli) {
  PodFacts pod;
  pod.containers.push_back({"app", {{"cpu", cpu_milli}}, true});
  return pod;
}

class KubernetesSourceTest : public testing::Test {
 protected:
  struct Asker {
    std::string name;
    std::vector<SignalQuery> signals;
    std::vector<std::pair<std::string, PodFacts>> pods;
    std::string selector = "";
    SharedList<Target> targets{};  // empty: made anew in each read
  };

  Asker& ask(const std::string& name, KubernetesRead read, const std::string& space = "store") {
    read.name_space = space;
    askers_.push_back({name, {SignalQuery{std::move(read)}}, {}});
    return askers_.back();
  }
  void read(Instant now = kNow) {
    std::vector<WorkloadQuery> queries;
    answers_.clear();
    errors_.clear();
    for (Asker& asker : askers_) {
      WorkloadQuery query{.workload = &asker.name, .signals = asker.signals, .targets = {}};
      query.targets = asker.targets;
      if (asker.targets.empty()) query.targets = targets_of(asker);
      query.pod_selector = asker.selector;
      queries.push_back(std::move(query));
      answers_.emplace_back(asker.signals.size());
    }
    source_.read(queries, now, answers_, errors_);
  }
  static SharedList<Target> targets_of(const Asker& asker) {
    SharedList<Target> targets;
    for (const auto& [id, pod] : asker.pods) targets.push_back({id, "", "", &pod});
    return targets;
  }
  const InstanceReadings& each(size_t asker = 0) const {
    return std::get<InstanceReadings>(answers_.at(asker).at(0).readings);
  }
  const Reading& whole(size_t asker = 0) const {
    return std::get<Reading>(answers_.at(asker).at(0).readings);
  }
  static double number(const Reading& reading) {
    return std::get<double>(std::get<Measured>(reading).value);
  }

  std::deque<Asker> askers_;
  FakeMetrics api_;
  KubernetesSource source_{api_,
                           {.timeout = std::chrono::seconds(30),
                            .patience = {std::chrono::seconds(30), std::chrono::seconds(30)},
                            .seed = 1}};
  std::vector<Signals> answers_;
  std::vector<ReadError> errors_;
};

}  // namespace autoscaler
