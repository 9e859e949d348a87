#pragma once

#include "base/rest_client.h"

#include <cpprest/astreambuf.h>
#include <pplx/pplxtasks.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

namespace autoscaler {

// One call under way: what cpprest's thread has received, and the thread that waits for it.
// Shared with cpprest's, which may come back after the other has given up.
class RestExchange {
 public:
  // So much of a body is kept before the server is made to wait.
  static constexpr size_t kHeldBytes = 256u << 10;

  // By cpprest's thread.
  void begin(RestHead head);
  pplx::task<size_t> write(const uint8_t* bytes, size_t count);  // done when there is room again
  void finish(Status status);

  // By the waiting thread: gives the head and then the body to `sink` until it has ended. nullopt:
  // `until` is over, or a stop was requested.
  std::optional<Result<RestHead>> drain(std::chrono::steady_clock::time_point until,
                                        const std::stop_token& stop, const BodySink& sink);
  void abandon();  // nothing that still comes is kept

 private:
  // A body that is announced as a short one is given away whole, so that who waits is woken once.
  bool is_short() const { return head_ && head_->length > 0 && head_->length < kHeldBytes; }
  bool has_news() const {
    return end_ || (head_ && !is_short() && (!is_head_given_ || !arrived_.empty()));
  }
  std::string take(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;  // guards all
  std::condition_variable_any news_;
  std::optional<RestHead> head_;
  bool is_head_given_ = false;  // to the sink
  std::string arrived_;         // of the body, not yet given to the sink
  std::optional<pplx::task_completion_event<size_t>> full_;  // who wrote it waits
  size_t waiting_count_ = 0;
  std::optional<Status> end_;
  bool abandoned_ = false;
};

// Where cpprest writes a body to.
concurrency::streams::streambuf<uint8_t> body_of(const std::shared_ptr<RestExchange>& exchange);

}  // namespace autoscaler
