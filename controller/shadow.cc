#include "controller/shadow.h"

#include "policies/evaluate.h"

#include <algorithm>

namespace autoscaler {

void advance_shadow(const WorkloadSpec& spec, const Workload& workload, const Decision& decision,
                    Instant now, WorkloadMemory& memory) {
  if (!memory.shadow) {
    memory.shadow = Shadow{
        .recent = first_sight(spec, workload.size, now), .ordered = workload.size, .growing = {}};
  }
  Shadow& shadow = memory.shadow.edit();
  const Decision moved = limit(spec, workload, decision, shadow.ordered, shadow.recent, now);
  record(spec, moved, moved.to == moved.from ? Outcome::kHeld : Outcome::kApplied, now,
         shadow.recent);

  std::erase_if(shadow.growing, [&](const Shadow::Growth& g) { return g.due <= now; });
  const int32_t change = moved.to - moved.from;
  if (change > 0) {
    shadow.growing.push_back({now + memory.time_to_ready.value_or(Duration{0}), change});
  }
  // What is taken away is taken from the youngest, as `plan` does.
  for (int32_t removed = -change; removed > 0 && !shadow.growing.empty();) {
    Shadow::Growth& youngest = shadow.growing.back();
    const int32_t from_it = std::min(removed, youngest.instances);
    youngest.instances -= from_it;
    removed -= from_it;
    if (youngest.instances == 0) shadow.growing.pop_back();
  }
  shadow.ordered = moved.to;
}

int32_t shadow_size(const Shadow& shadow, Instant now) {
  int32_t size = shadow.ordered;
  for (const Shadow::Growth& growth : shadow.growing) {
    if (growth.due > now) size -= growth.instances;
  }
  return size;
}

}  // namespace autoscaler
