#include "controller/web/decision_history.h"

#include <algorithm>

namespace autoscaler {
namespace {

// A decision takes about 600 bytes: 1.2 MB at the most, which 20 workloads reach.
constexpr size_t kKeptOfOne = 100;
constexpr size_t kKeptOfAll = 2'000;

bool says_the_same(const KeptDecision& kept, const WorkloadTick& tick) {
  const Decision& a = kept.decision;
  const Decision& b = tick.decision;
  return a.from == b.from && a.to == b.to && a.reason == b.reason && a.bound_by == b.bound_by &&
         kept.outcome == tick.outcome;
}

}  // namespace

void DecisionHistory::add(const TickRecord& record) {
  const size_t share = kKeptOfAll / std::max<size_t>(1, record.workloads.size());
  const size_t most = std::clamp<size_t>(share, 1, kKeptOfOne);
  auto at = workloads_.begin();
  for (const WorkloadTick& tick : record.workloads) {
    const WorkloadId& name = tick.config->spec.name;
    while (at != workloads_.end() && at->first < name) ++at;  // both are in the order of names
    if (at == workloads_.end() || at->first != name) at = workloads_.emplace_hint(at, name, Kept());
    Kept& kept = at->second;
    if (!kept.empty() && says_the_same(*kept.back(), tick)) continue;
    kept.push_back(std::make_shared<const KeptDecision>(KeptDecision{
        record.now, record.number, record.config, tick.config, tick.decision, tick.outcome}));
    if (kept.size() > most) {
      kept.erase(kept.begin(), kept.end() - static_cast<std::ptrdiff_t>(most));
    }
  }
}

std::vector<std::shared_ptr<const KeptDecision>> DecisionHistory::newest(
    const std::optional<WorkloadId>& workload, size_t limit) const {
  std::vector<std::shared_ptr<const KeptDecision>> found;
  for (const auto& [name, kept] : workloads_) {
    if (workload && name != *workload) continue;
    const auto count = static_cast<std::ptrdiff_t>(std::min(limit, kept.size()));
    found.insert(found.end(), kept.rbegin(), kept.rbegin() + count);
  }
  // By tick and not by time: a clock may be set back.
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a->tick > b->tick; });
  if (found.size() > limit) found.resize(limit);
  return found;
}

}  // namespace autoscaler
