#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace autoscaler {

// How often something may be done: `per_second` in the long run, `burst` at once. Time is monotonic
// and given by the caller. Not thread-safe.
class TokenBucket {
 public:
  using Time = std::chrono::nanoseconds;

  TokenBucket(double per_second, int burst)
      : per_second_(per_second), burst_(burst), tokens_(burst) {}

  // When it may be done: now, or later. nullopt: not before `latest`, and no token is taken.
  std::optional<Time> take(Time now, Time latest) {
    if (now > filled_) {
      tokens_ = std::min<double>(
          burst_, tokens_ + per_second_ * std::chrono::duration<double>(now - filled_).count());
      filled_ = now;
    }
    // Below 0 are the tokens that others wait for already.
    const double missing = std::max(0.0, 1 - tokens_);
    const auto wait = std::chrono::ceil<Time>(std::chrono::duration<double>(missing / per_second_));
    const Time at = std::max(now + wait, held_);
    if (at > latest) return std::nullopt;
    tokens_ -= 1;
    return at;
  }
  // Nothing before `until`: the server has asked for a pause.
  void hold(Time until) { held_ = std::max(held_, until); }
  bool is_held(Time until) const { return held_ > until; }

 private:
  const double per_second_;
  const int burst_;
  double tokens_;
  Time filled_{0};
  Time held_{0};
};

}  // namespace autoscaler
