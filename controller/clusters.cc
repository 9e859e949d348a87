#include "controller/clusters.h"

#include "base/check.h"

#include <algorithm>

namespace autoscaler {
namespace {

template <typename T>
void move_to(std::vector<T>& from, std::vector<T>& to) {
  if (to.empty()) to.swap(from);
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

template <typename T>
void sort_by_workload(std::vector<T>& list) {
  const auto by_workload = [](const T& a, const T& b) { return whose(a) < whose(b); };
  if (std::is_sorted(list.begin(), list.end(), by_workload)) return;
  std::stable_sort(list.begin(), list.end(), by_workload);
}

}  // namespace

void ClusterReaders::add(std::shared_ptr<ClusterReader> reader, SharedList<WorkloadId> workloads) {
  parts_.push_back({std::move(reader), std::move(workloads)});
}

Result<ClusterObservation> ClusterReaders::observe(Instant now) {
  ClusterObservation all;
  for (const Part& part : parts_) {
    Result<ClusterObservation> seen = part.reader->observe(now);
    if (!seen) {
      for (const WorkloadId& workload : part.workloads) {
        all.unreadable.emplace_back(workload, seen.error());
      }
      continue;
    }
    move_to(seen->instances, all.instances);
    move_to(seen->scales, all.scales);
    move_to(seen->unreadable, all.unreadable);
  }
  sort_by_workload(all.instances);
  sort_by_workload(all.scales);
  return all;
}

void ClusterWriters::add(std::unique_ptr<ClusterWriter> writer, SharedList<WorkloadId> workloads) {
  parts_.push_back({std::move(writer), std::move(workloads)});
}

std::vector<ChangeResult> ClusterWriters::apply(std::span<const Change> changes, Instant now) {
  std::vector<ChangeResult> results(changes.size());
  for (const Part& part : parts_) {
    std::vector<Change> own;
    std::vector<size_t> places;
    for (size_t i = 0; i < changes.size(); ++i) {
      if (!std::ranges::binary_search(part.workloads, change_workload(changes[i]))) continue;
      own.push_back(changes[i]);
      places.push_back(i);
    }
    if (own.empty()) continue;
    std::vector<ChangeResult> done = part.writer->apply(own, now);
    CHECK(done.size() == own.size());
    for (size_t i = 0; i < done.size(); ++i) results[places[i]] = std::move(done[i]);
  }
  return results;
}

}  // namespace autoscaler
