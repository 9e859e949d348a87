#include "policies/guards/guard.h"
#include "policies/warming.h"

namespace autoscaler {

// What was ordered has not shown yet what it does. One that never warms stops blocking.
void guard_warmup(const Scene& scene, Decision& decision) {
  if (decision.to >= decision.from) return;
  if (count_awaited(scene) > 0) no_scale_in(decision, Rule::kWarmup);
}

}  // namespace autoscaler
