#pragma once

#include "metrics/http_poller.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace autoscaler {

// Keeps what a target answered, shortened to one text: the body, or the error.
class PolledSink final : public PollSink {
 public:
  bool may_ask() override { return true; }
  void answered(const Result<FetchResponse>& answer) override {
    const std::lock_guard lock(mutex_);
    answers_.push_back(answer ? std::to_string(answer->status) + " " + answer->body
                              : answer.error().message);
    if (answer) last_ = *answer;
    changed_.notify_all();
  }

  // The answer of that number, from 0; fails the test by an empty text where it does not come.
  std::string answer(size_t number) {
    std::unique_lock lock(mutex_);
    const bool came =
        changed_.wait_for(lock, std::chrono::seconds(30), [&] { return answers_.size() > number; });
    return came ? answers_[number] : std::string();
  }
  size_t count() {
    const std::lock_guard lock(mutex_);
    return answers_.size();
  }
  FetchResponse last() {
    const std::lock_guard lock(mutex_);
    return last_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> answers_;
  FetchResponse last_;
};

inline std::chrono::nanoseconds monotonic_time() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

inline std::shared_ptr<PolledSink> polled() {
  return std::make_shared<PolledSink>();
}

}  // namespace autoscaler
