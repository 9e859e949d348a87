#pragma once

#include "controller/cluster.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace autoscaler {

// A cluster in memory whose workloads are scales. Its pods follow spec.replicas at once, Ready with
// `ready_at_once` or when the test says so. A Resize is written if the scale still is what was
// seen.
class FakeScales final : public ClusterReader, public ClusterWriter {
 public:
  Result<ClusterObservation> observe(Instant now) override {
    if (outage) return *outage;
    ClusterObservation seen;
    for (auto& [name, scale] : scales) {
      follow(name, now);
      scale.status_replicas = static_cast<int32_t>(pods[name].size());
      scale.resource_version = std::to_string(versions_[name]);
      scale.pods = listed(name);
      seen.scales.push_back(scale);
    }
    return seen;
  }

  std::vector<ChangeResult> apply(std::span<const Change> changes, Instant) override {
    std::vector<ChangeResult> results;
    for (const Change& change : changes) {
      log.push_back(std::string(change_name(change)) + " " + change_subject(change));
      results.push_back({change, false, std::nullopt});
      const auto* resize = std::get_if<Resize>(&change);
      if (resize == nullptr) continue;
      if (before_write) before_write();
      if (lost) {
        results.back().error = lost;
        if (!written_though_lost) continue;
      } else if (resize->resource_version != std::to_string(versions_[resize->workload])) {
        results.back().error = Error{Code::kConflict, "the object has been modified"};
        continue;
      }
      write(resize->workload, resize->to);
    }
    return results;
  }

  // As anybody may.
  void write(const WorkloadId& workload, int32_t replicas) {
    scales[workload].workload = workload;
    scales[workload].spec_replicas = replicas;
    ++versions_[workload];
  }

  void set_ready(bool ready, Instant now) {
    for (auto& [name, list] : pods) {
      for (auto& [id, pod] : list) {
        if (pod.pod->ready == ready) continue;
        pod.pod.edit().ready = ready;
        pod.pod.edit().ready_changed = now;
      }
    }
  }

  // The same list as before where it says the same, as of a real cluster.
  SharedList<InstanceObservation> listed(const WorkloadId& name) {
    const auto is_same = [](const InstanceObservation& a, const InstanceObservation& b) {
      return a.instance == b.instance && a.pod.get() == b.pod.get() && a.page == b.page &&
             a.address == b.address && a.revision == b.revision && a.goes_first == b.goes_first;
    };
    std::vector<InstanceObservation> list;
    for (const auto& [id, pod] : pods[name]) list.push_back(pod);
    SharedList<InstanceObservation>& last = lists_[name];
    if (!std::equal(list.begin(), list.end(), last.begin(), last.end(), is_same)) last = list;
    return last;
  }

  std::map<WorkloadId, ScaleObservation> scales;
  std::map<WorkloadId, std::map<InstanceId, InstanceObservation>> pods;
  std::vector<std::string> log;
  std::optional<Error> outage;
  std::function<void()> before_write;
  std::optional<Error> lost;  // the answer to a write
  bool written_though_lost = false;
  bool ready_at_once = true;
  std::string revision = "v1";

 private:
  void follow(const WorkloadId& workload, Instant now) {
    auto& list = pods[workload];
    const auto wanted = static_cast<size_t>(scales[workload].spec_replicas);
    while (list.size() > wanted) list.erase(std::prev(list.end()));
    while (list.size() < wanted) {
      InstanceObservation made{.workload = workload, .instance = "", .started = now};
      made.instance = workload + "-" + std::to_string(1000 + next_++);
      made.address = "10.0.0.1:" + std::to_string(next_);
      made.revision = revision;
      PodFacts& facts = made.pod.emplace();
      facts.started = now;
      facts.ready = ready_at_once;
      facts.ready_changed = now;
      list[made.instance] = made;
    }
  }

  std::map<WorkloadId, int> versions_;
  std::map<WorkloadId, SharedList<InstanceObservation>> lists_;
  int next_ = 0;
};

}  // namespace autoscaler
