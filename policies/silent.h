#pragma once

#include "policies/scene.h"

namespace autoscaler {

// Instances in service that do not report `signal`, and carry their share all the same. None that
// may just not have spoken yet: one that is short of samples, and any of them for a while after a
// scale-out (the time to readiness, the warm-up, and a minute for two samples). Were new instances
// taken for loaded ones, each would order the next.
int32_t count_silent(size_t signal, const Scene& scene, const Readings& readings);

}  // namespace autoscaler
