#pragma once

#include "policies/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace autoscaler {

//            `failures` in a row                 the pause is over: one probe
//   kClosed --------------------> kOpen <----------------------------> kHalfOpen
//      ^                                        the probe failed           |
//      +-------------------------------------------------------------------+
//                                the probe succeeded
enum class BreakerState { kClosed, kHalfOpen, kOpen };
inline constexpr int kBreakerStateCount = 3;
constexpr const char* breaker_state_name(BreakerState state) {
  constexpr const char* kNames[kBreakerStateCount] = {"closed", "half_open", "open"};
  return kNames[static_cast<int>(state)];
}

struct BreakerRule {
  int failures = 3;                               // in a row that open it
  Duration first_pause{std::chrono::seconds(1)};  // doubled by each probe that fails
  Duration longest_pause{std::chrono::minutes(1)};
};

// Whether a source may be asked, so that a sick one is not flooded. A pause is taken at random from
// its upper half, so that many sources that failed together are not probed together: the third is
// 2 s to 4 s. The same seed gives the same pauses. Not thread-safe.
class Breaker {
 public:
  Breaker(BreakerRule rule, uint64_t seed) : rule_(rule), seed_(seed) {}

  // Whether to ask now. After a `true`, say how it went: in the half-open state no other question
  // is let through until then.
  bool may_ask(Instant now);
  void succeeded();
  // Of questions that were asked before it opened, those that fail later change nothing.
  void failed(Instant now);
  // The question was dropped before its end.
  void abandoned();

  BreakerState state() const { return state_; }
  int failures() const { return failures_; }  // in a row
  // When it may be asked again; nullopt unless open.
  std::optional<Instant> next_try() const;

 private:
  void open(Instant now);

  BreakerRule rule_;
  uint64_t seed_;
  BreakerState state_ = BreakerState::kClosed;
  int failures_ = 0;
  int openings_ = 0;  // since it was last closed
  Instant opened_{};
  Duration pause_{0};
};

// One source as /metrics and the API show it.
struct SourceHealth {
  std::string source;  // "prometheus main", "scrape", "haproxy /run/haproxy.sock"
  BreakerState state = BreakerState::kClosed;
  int failures = 0;  // in a row
  std::optional<Instant> next_try;
};

inline SourceHealth health_of(std::string source, const Breaker& breaker) {
  return {std::move(source), breaker.state(), breaker.failures(), breaker.next_try()};
}

}  // namespace autoscaler
