#include "metrics/breaker.h"

#include <algorithm>

namespace autoscaler {
namespace {

constexpr int kMostDoublings = 30;

// SplitMix64 (Steele, Lea and Flood, 2014): a full period, and good from any seed.
uint64_t next_random(uint64_t& state) {
  state += 0x9e3779b97f4a7c15u;
  uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

}  // namespace

bool Breaker::may_ask(Instant now) {
  if (state_ == BreakerState::kClosed) return true;
  if (state_ == BreakerState::kHalfOpen) return false;
  // A clock that went back behind the opening must not make the pause longer.
  if (now >= opened_ && now < opened_ + pause_) return false;
  state_ = BreakerState::kHalfOpen;
  return true;
}

void Breaker::succeeded() {
  state_ = BreakerState::kClosed;
  failures_ = 0;
  openings_ = 0;
}

void Breaker::failed(Instant now) {
  if (state_ == BreakerState::kOpen) return;
  ++failures_;
  if (state_ == BreakerState::kHalfOpen || failures_ >= rule_.failures) open(now);
}

// An unanswered probe leaves it open, with a pause that is over: the next question is a probe.
void Breaker::abandoned() {
  if (state_ == BreakerState::kHalfOpen) state_ = BreakerState::kOpen;
}

std::optional<Instant> Breaker::next_try() const {
  if (state_ != BreakerState::kOpen) return std::nullopt;
  return opened_ + pause_;
}

void Breaker::open(Instant now) {
  const int64_t doubled = rule_.first_pause.count()
                          << std::min(openings_, kMostDoublings);  // 1 s << 30 is 34 years
  const int64_t longest = std::min<int64_t>(doubled, rule_.longest_pause.count());
  const int64_t half = longest / 2;
  const auto spread = static_cast<uint64_t>(longest - half) + 1;
  pause_ = Duration{half + static_cast<int64_t>(next_random(seed_) % spread)};
  ++openings_;
  opened_ = now;
  state_ = BreakerState::kOpen;
}

}  // namespace autoscaler
