#pragma once

#include "controller/cluster.h"
#include "controller/kubernetes/objects.h"

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace autoscaler {

// Whether version `a` of an object is older than `b`: they count up, in decimal.
inline bool is_older(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

// What we have written and the cache may not have heard of yet, so that no observation shows a size
// as it was before our own write. Thread-safe.
class WrittenScales {
 public:
  void wrote(const WorkloadId& workload, ScaleRecord scale) {
    const std::lock_guard lock(mutex_);
    uids_[workload] = scale.uid;
    scales_[workload] = std::move(scale);
    lost_.erase(workload);
  }
  // The answer to a write was lost: what stands, the API server alone knows, and the cache perhaps
  // not for a while.
  void lose(const WorkloadId& workload) {
    const std::lock_guard lock(mutex_);
    lost_.insert(workload);
  }
  std::set<WorkloadId> lost() const {
    const std::lock_guard lock(mutex_);
    return lost_;
  }
  // What stands, as it was asked for since.
  void found(const WorkloadId& workload, ScaleRecord scale) {
    const std::lock_guard lock(mutex_);
    scales_[workload] = std::move(scale);
    lost_.erase(workload);
  }
  // Of the target, as the last write was answered; empty: nothing has been written.
  std::string uid_of(const WorkloadId& workload) const {
    const std::lock_guard lock(mutex_);
    const auto uid = uids_.find(workload);
    return uid == uids_.end() ? "" : uid->second;
  }
  // What was written of others than those that are `known` is forgotten.
  template <typename IsKnown>
  void keep(IsKnown known) {
    const std::lock_guard lock(mutex_);
    const auto is_gone = [&](const auto& each) { return !known(each.first); };
    std::erase_if(uids_, is_gone);
    std::erase_if(scales_, is_gone);
    std::erase_if(lost_, [&](const WorkloadId& each) { return !known(each); });
  }
  // `seen` in the cache, or what was written after it.
  void correct(const WorkloadId& workload, Shared<ScaleObservation>& seen) {
    const std::lock_guard lock(mutex_);
    const auto written = scales_.find(workload);
    if (written == scales_.end()) return;
    if (!is_older(seen->resource_version, written->second.resource_version)) {
      scales_.erase(written);
      return;
    }
    ScaleObservation& corrected = seen.edit();
    corrected.spec_replicas = written->second.spec_replicas;
    corrected.resource_version = written->second.resource_version;
  }

 private:
  mutable std::mutex mutex_;  // guards what follows
  std::map<WorkloadId, std::string> uids_;
  std::map<WorkloadId, ScaleRecord> scales_;
  std::set<WorkloadId> lost_;
};

}  // namespace autoscaler
