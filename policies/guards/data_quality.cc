#include "policies/guards/guard.h"
#include "policies/quality.h"

namespace autoscaler {

void guard_data_quality(const Scene& scene, Decision& decision) {
  if (decision.to < decision.from && is_in_doubt(scene, decision)) {
    no_scale_in(decision, Rule::kDataQuality);
  }
}

}  // namespace autoscaler
