#pragma once

#include <chrono>

namespace autoscaler {

// Takes SIGTERM and SIGINT away from their default and turns them into the answer of `wait`, from
// which other threads may wake it.
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

 private:
  int descriptor_;
  int woken_;
};

}  // namespace autoscaler
