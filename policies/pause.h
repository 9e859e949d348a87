#pragma once

#include "policies/scene.h"

namespace autoscaler {

// Is this direction (not kAll) paused now, by the config or by an operator?
bool is_paused(const Scene& scene, Pause::Direction direction);

}  // namespace autoscaler
