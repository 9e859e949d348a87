#include "tests/policies/reference/hpa_model.h"

#include "tests/policies/reference/hpa_metrics.h"

#include <algorithm>
#include <cmath>

namespace reference {
namespace {

// Without `behavior`: the highest recommendation not older than the window; then at least `min`, at
// most `max`, and at most twice the size or 4.
int64_t limit_as_before_behavior(const Case& one, int64_t wanted) {
  for (const Past& past : one.recommendations) {
    const bool is_older = past.at < one.now - one.downscale_stabilization;
    if (!is_older && past.number > wanted) wanted = past.number;
  }
  const int64_t growth = std::max<int64_t>(2 * one.spec_replicas, 4);
  const int64_t highest = growth < one.max ? growth : one.max;
  if (wanted < one.min) return one.min;
  if (wanted > highest) return highest;
  return wanted;
}

int64_t stabilize(const Case& one, int64_t wanted) {
  int64_t up = wanted;
  int64_t down = wanted;
  for (const Past& past : one.recommendations) {
    if (past.at > one.now - one.behavior->up.window && past.number < up) up = past.number;
    if (past.at > one.now - one.behavior->down.window && past.number > down) down = past.number;
  }
  int64_t size = one.spec_replicas;
  if (size < up) size = up;
  if (size > down) size = down;
  return size;
}

// The size as it was before the period: what was added in it is taken off, what was removed is put
// back.
int64_t size_before(const Case& one, Millis period) {
  int64_t added = 0;
  int64_t removed = 0;
  for (const Past& event : one.events) {
    if (event.at <= one.now - period) continue;
    if (event.number > 0) added += event.number;
    if (event.number < 0) removed += -event.number;
  }
  return one.spec_replicas - added + removed;
}

int64_t highest_by_rates(const Case& one) {
  const Direction& rules = one.behavior->up;
  if (rules.select == "Disabled") return one.spec_replicas;
  std::vector<int64_t> limits;
  for (const Rate& rate : rules.rates) {
    const int64_t start = size_before(one, rate.period);
    if (rate.type == "Pods") limits.push_back(start + rate.value);
    if (rate.type == "Percent") {
      limits.push_back(static_cast<int64_t>(
          std::ceil(static_cast<double>(start) * (1 + static_cast<double>(rate.value) / 100))));
    }
  }
  const int64_t limit = rules.select == "Max" ? *std::max_element(limits.begin(), limits.end())
                                              : *std::min_element(limits.begin(), limits.end());
  return limit < one.spec_replicas ? one.spec_replicas : limit;
}

int64_t lowest_by_rates(const Case& one) {
  const Direction& rules = one.behavior->down;
  if (rules.select == "Disabled") return one.spec_replicas;
  std::vector<int64_t> limits;
  for (const Rate& rate : rules.rates) {
    const int64_t start = size_before(one, rate.period);
    if (rate.type == "Pods") limits.push_back(start - rate.value);
    if (rate.type == "Percent") {
      limits.push_back(static_cast<int64_t>(
          std::trunc(static_cast<double>(start) * (1 - static_cast<double>(rate.value) / 100))));
    }
  }
  // The largest change is the lowest size.
  const int64_t limit = rules.select == "Max" ? *std::min_element(limits.begin(), limits.end())
                                              : *std::max_element(limits.begin(), limits.end());
  return limit > one.spec_replicas ? one.spec_replicas : limit;
}

int64_t limit_by_behavior(const Case& one, int64_t wanted) {
  int64_t size = stabilize(one, wanted);
  if (size > one.spec_replicas) {
    const int64_t highest = std::min(highest_by_rates(one), one.max);
    if (size > highest) size = highest;
  } else if (size < one.spec_replicas) {
    const int64_t lowest = std::max(lowest_by_rates(one), one.min);
    if (size < lowest) size = lowest;
  }
  // Neither stabilised nor limited sizes leave the bounds.
  if (size < one.min) size = one.min;
  if (size > one.max) size = one.max;
  return size;
}

}  // namespace

Answer decide(const Case& one) {
  Answer answer;
  answer.replicas = one.spec_replicas;
  if (one.spec_replicas == 0 && one.min > 0) return answer;  // switched off by hand
  if (one.spec_replicas > one.max) {
    answer.replicas = one.max;
    return answer;
  }
  if (one.spec_replicas < one.min) {
    answer.replicas = one.min;
    return answer;
  }

  bool is_any_failed = false;
  std::optional<int64_t> wanted;
  for (const Metric& metric : one.metrics) {
    answer.proposals.push_back(propose(one, metric));
    const std::optional<int64_t>& proposed = answer.proposals.back().replicas;
    if (!proposed) is_any_failed = true;
    if (proposed && (!wanted || *proposed > *wanted)) wanted = proposed;
  }
  if (!wanted) return answer;
  if (is_any_failed && *wanted < one.spec_replicas) return answer;

  answer.recommendation = wanted;
  answer.replicas =
      one.behavior ? limit_by_behavior(one, *wanted) : limit_as_before_behavior(one, *wanted);
  return answer;
}

}  // namespace reference
