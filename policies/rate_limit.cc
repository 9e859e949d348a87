#include "policies/rate_limit.h"

#include "policies/counts.h"
#include "policies/stages.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace autoscaler {
namespace {

using Select = ScalingRules::Select;
using RatePolicy = ScalingRules::RatePolicy;

int64_t size_at_start(Duration period, const std::vector<ScaleEvent>& events, int32_t size,
                      Instant now) {
  int64_t start = size;
  for (const ScaleEvent& event : events) {
    if (event.at > now - period) start -= event.change;
  }
  return start;
}

double highest_of(const RatePolicy& policy, int64_t start) {
  if (policy.type == RatePolicy::Type::kPods) return static_cast<double>(start + policy.value);
  return std::ceil(static_cast<double>(start) * (1 + policy.value / 100.0));
}

double lowest_of(const RatePolicy& policy, int64_t start) {
  if (policy.type == RatePolicy::Type::kPods) return static_cast<double>(start - policy.value);
  return std::trunc(static_cast<double>(start) * (1 - policy.value / 100.0));
}

// Max allows what the most generous policy does, Min what the strictest does.
template <typename Limit>
std::optional<double> select_limit(const ScalingRules& rules, const std::vector<ScaleEvent>& events,
                                   int32_t size, Instant now, bool largest, Limit limit) {
  std::optional<double> selected;
  if (rules.select == Select::kDisabled) return selected;
  for (const RatePolicy& policy : rules.policies) {
    const double one = limit(policy, size_at_start(policy.period, events, size, now));
    if (!selected) {
      selected = one;
    } else {
      selected = largest ? std::max(*selected, one) : std::min(*selected, one);
    }
  }
  return selected;
}

}  // namespace

int32_t highest_allowed(const ScalingRules& rules, const std::vector<ScaleEvent>& events,
                        int32_t size, Instant now) {
  const auto limit =
      select_limit(rules, events, size, now, rules.select == Select::kMax, highest_of);
  return limit ? std::max(size, to_count(*limit)) : size;
}

int32_t lowest_allowed(const ScalingRules& rules, const std::vector<ScaleEvent>& events,
                       int32_t size, Instant now) {
  const auto limit =
      select_limit(rules, events, size, now, rules.select == Select::kMin, lowest_of);
  return limit ? std::min(size, to_count(*limit)) : size;
}

void limit_rate(const Scene& scene, Decision& decision) {
  const int32_t size = decision.from;
  if (!scene.spec.behavior) {
    // The HPA without `behavior` grows to twice the size at once, or to 4 from below 2.
    if (scene.spec.hpa) {
      const int32_t highest = to_count(std::max<int64_t>(int64_t{2} * size, 4));
      move(decision, Rule::kRateLimitOut, std::min(decision.to, highest));
    }
    return;
  }
  const auto& events = scene.recent.events;
  if (decision.to > size) {
    const int32_t highest = highest_allowed(scene.spec.behavior->up, events, size, scene.now);
    move(decision, Rule::kRateLimitOut, std::min(decision.to, highest));
  } else if (decision.to < size) {
    const int32_t lowest = lowest_allowed(scene.spec.behavior->down, events, size, scene.now);
    move(decision, Rule::kRateLimitIn, std::max(decision.to, lowest));
  }
}

}  // namespace autoscaler
