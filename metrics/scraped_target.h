#pragma once

#include "metrics/breaker.h"
#include "metrics/page_reader.h"
#include "metrics/poller.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace autoscaler {

// One target of a workload: takes its pages as they come, on the poller's thread, and hands out
// what the latest one gave.
//
// A target that fails in a way that costs time or memory (no answer, too large, not to be parsed)
// is asked less often, every fourth interval at most. One that refuses, or answers that it is not
// well, costs nothing to ask, and is asked at every turn: it may be starting.
class ScrapedTarget final : public PollSink {
 public:
  using Plans = std::vector<PlanResult>;
  // What it is before the first answer.
  static constexpr const char* kNoAnswerYet = "not scraped yet";

  ScrapedTarget(std::string url, std::shared_ptr<const Plans> plans, Duration interval,
                std::function<Instant()> clock, uint64_t seed);

  bool may_ask() override;
  void answered(const Result<FetchResponse>& answer) override;

  struct Latest {
    PageReadings page;
    bool any = false;     // false: nothing has come yet
    bool paused = false;  // asked less often
  };
  // Immutable once published; of any thread.
  std::shared_ptr<const Latest> latest() const;

  const std::string& url() const { return url_; }

 private:
  const std::string url_;
  const std::shared_ptr<const Plans> plans_;  // outlive the reader
  const std::function<Instant()> clock_;
  PageReader reader_;  // the poller's thread alone, as is the breaker
  Breaker breaker_;

  mutable std::mutex mutex_;  // guards what follows
  std::shared_ptr<const Latest> latest_;
};

}  // namespace autoscaler
