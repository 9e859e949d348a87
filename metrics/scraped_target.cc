#include "metrics/scraped_target.h"

namespace autoscaler {
namespace {

// Three in a row, then every second interval or so, then every fourth: an instance that restarts is
// read again soon, and one that hangs costs a quarter.
BreakerRule rule_for(Duration interval) {
  return {.failures = 3, .first_pause = 2 * interval, .longest_pause = 4 * interval};
}

bool costs(const Missing& failure) {
  return failure.reason == MissingReason::kTimeout || failure.reason == MissingReason::kTooLarge ||
         failure.reason == MissingReason::kMalformed;
}

}  // namespace

ScrapedTarget::ScrapedTarget(std::string url, std::shared_ptr<const Plans> plans, Duration interval,
                             std::function<Instant()> clock, uint64_t seed)
    : url_(std::move(url)),
      plans_(std::move(plans)),
      clock_(std::move(clock)),
      reader_(*plans_),
      breaker_(rule_for(interval), seed),
      latest_(std::make_shared<const Latest>(
          Latest{reader_.missing({MissingReason::kTooFewSamples, kNoAnswerYet})})) {}

bool ScrapedTarget::may_ask() {
  return breaker_.may_ask(clock_());
}

void ScrapedTarget::answered(const Result<FetchResponse>& answer) {
  const Instant now = clock_();
  auto latest = std::make_shared<Latest>(Latest{reader_.read(url_, answer, now), true});
  if (latest->page.failure && costs(*latest->page.failure)) {
    breaker_.failed(now);
  } else {
    breaker_.succeeded();
  }
  latest->paused = breaker_.state() != BreakerState::kClosed;
  const std::lock_guard lock(mutex_);
  latest_ = std::move(latest);
}

std::shared_ptr<const ScrapedTarget::Latest> ScrapedTarget::latest() const {
  const std::lock_guard lock(mutex_);
  return latest_;
}

}  // namespace autoscaler
