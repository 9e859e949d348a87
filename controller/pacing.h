#pragma once

#include <chrono>
#include <stop_token>
#include <thread>

namespace autoscaler {

// Takes SIGTERM and SIGINT away from their default and turns them into the answer of `wait`, from
// which other threads may wake it, and into a stop of what is under way meanwhile.
// To be made before any thread. SIGPIPE is ignored: a peer that hangs up is an error of its call.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Returns true as soon as a signal came, false after `span` or when it is woken.
  bool wait(std::chrono::nanoseconds span);
  void wake();  // of any thread
  // Requested as soon as a signal came, whether or not anybody waits.
  std::stop_token token() const { return stop_.get_token(); }

 private:
  void watch();

  int descriptor_;
  int woken_;
  int over_;
  std::stop_source stop_;
  std::thread watcher_;
};

}  // namespace autoscaler
