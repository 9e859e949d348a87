#include "policies/cooldown.h"

#include "policies/stages.h"

#include <algorithm>

namespace autoscaler {
namespace {

std::optional<Duration> left_of(Duration cooldown, std::optional<Instant> since, Instant now) {
  if (!since || cooldown <= Duration{0} || now - *since >= cooldown) return std::nullopt;
  return std::min(cooldown, cooldown - (now - *since));
}

}  // namespace

std::optional<Duration> cooldown_out_left(const WorkloadSpec& spec, const Recent& recent,
                                          Instant now) {
  return left_of(spec.cooldown_out, recent.last_out, now);
}

std::optional<Duration> cooldown_in_left(const WorkloadSpec& spec, const Recent& recent,
                                         Instant now) {
  return left_of(spec.cooldown_in, std::max(recent.last_in, recent.last_out), now);
}

void cool_down(const Scene& scene, Decision& decision) {
  if (decision.to > decision.from && cooldown_out_left(scene.spec, scene.recent, scene.now)) {
    move(decision, Rule::kCooldownOut, decision.from);
  }
  if (decision.to < decision.from && cooldown_in_left(scene.spec, scene.recent, scene.now)) {
    move(decision, Rule::kCooldownIn, decision.from);
  }
}

}  // namespace autoscaler
