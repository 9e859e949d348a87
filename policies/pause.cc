#include "policies/pause.h"

#include "policies/stages.h"

#include <algorithm>

namespace autoscaler {
namespace {

using Direction = Pause::Direction;

bool holds(const std::optional<Pause>& pause, Direction direction, Instant now) {
  if (!pause || (pause->until && now >= *pause->until)) return false;
  return pause->direction == Direction::kAll || pause->direction == direction;
}

}  // namespace

bool is_paused(const Scene& scene, Direction direction) {
  return holds(scene.spec.pause, direction, scene.now) ||
         holds(scene.workload.orders.pause, direction, scene.now);
}

std::optional<int32_t> ordered_size(const Scene& scene) {
  const auto& order = scene.workload.orders.size;
  if (!order || scene.now >= order->until) return std::nullopt;
  // Where the HPA settles before its metrics no bound comes after this.
  return std::clamp(order->replicas, scene.spec.bounds.min, scene.spec.bounds.max);
}

void order_size(const Scene& scene, Decision& decision) {
  const auto size = ordered_size(scene);
  if (!size) return;
  const bool may_remove = scene.workload.journal_writable;
  move(decision, Rule::kSizeOrder, may_remove ? *size : std::max(*size, decision.from));
}

void pause(const Scene& scene, Decision& decision) {
  const bool out = decision.to > decision.from && is_paused(scene, Direction::kOut);
  const bool in = decision.to < decision.from && is_paused(scene, Direction::kIn);
  if (out || in) move(decision, Rule::kPause, decision.from);
}

}  // namespace autoscaler
