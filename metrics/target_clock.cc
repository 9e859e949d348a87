#include "metrics/target_clock.h"

namespace autoscaler {

bool TargetClock::was_set(Instant at, Instant now) {
  constexpr Duration kOnItsWay = std::chrono::seconds(1);
  if (!seen_) {
    seen_ = Seen{at, now, std::nullopt};
    last_page_ = now;
    return false;
  }
  const Duration gap = now - last_page_;
  last_page_ = now;
  if (at == seen_->at) return false;

  const Duration theirs = at - seen_->at;
  const Duration ours = now - seen_->first_seen;
  const bool too_slow = theirs < ours - gap - kOnItsWay;
  const bool too_fast = seen_->gap && theirs > ours + *seen_->gap + kOnItsWay;
  const bool set = at < seen_->at || too_slow || too_fast;
  seen_ = Seen{at, now, gap};
  return set;
}

}  // namespace autoscaler
