#include "controller/hand_over.h"

#include <algorithm>

namespace autoscaler {

bool is_news(const HandOver& left, const HandOver& before) {
  const auto has_newer = [](const auto& now, const auto& then) {
    return !now.empty() && (then.empty() || now.back() != then.back());
  };
  return left.workload != before.workload || left.policies != before.policies ||
         left.orders != before.orders || left.ordered != before.ordered ||
         has_newer(left.events, before.events) || has_newer(left.turns, before.turns);
}

HandOver hand_over_of(const WorkloadSpec& spec, const WorkloadMemory& memory) {
  const Recent& recent = *memory.recent;
  HandOver left;
  left.workload = {recent.last_out, recent.last_in, 0};
  left.policies.resize(spec.policies.size());
  for (size_t i = 0; i < std::min(left.policies.size(), recent.policies.size()); ++i) {
    const PolicyMemory& policy = recent.policies[i];
    left.policies[i] = {policy.last_out, policy.last_in, policy.added};
  }
  left.events = recent.events;
  left.turns = recent.turns;
  left.orders = memory.orders;
  left.ordered = memory.ordered;
  return left;
}

}  // namespace autoscaler
